import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** The output of the check on trees of sources, line by line. */
function check(...roots: string[]): Promise<{ code: unknown; lines: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/layers.mjs', ...roots], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, lines: (stdout + stderr).split('\n').filter((line) => line !== '') });
    });
  });
}

test('layers hold, no imports run in a circle, no file is too long', async () => {
  expect(await check('.')).toEqual({ code: 0, lines: [] });
});

describe('the check finds', () => {
  let root: string;
  /** The output for all trees, in which each has a headline. */
  let lines: string[];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'commonhold-layers-'));
    const trees = [...CASES.map(([what, files]) => ({ what, files })), { what: 'allowed', files: ALLOWED }];
    for (const { what, files } of trees) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(root, what, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    }
    const said = await check(...trees.map(({ what }) => join(root, what)));
    expect(said.code).toBe(1);
    lines = said.lines;
  });

  /** The part of it for one of the trees. */
  const of = (what: string): string[] => {
    const begin = lines.indexOf(`${join(root, what)}:`) + 1;
    const end = lines.findIndex((line, index) => index >= begin && line.startsWith(root));
    return lines.slice(begin, end === -1 ? undefined : end);
  };

  afterAll(() => rm(root, { recursive: true }));

  const CASES: [what: string, files: Record<string, string>, line: RegExp][] = [
    [
      'a client that imports the server',
      { 'client/a.ts': "import { x } from '../server/b.js';", 'server/b.ts': '' },
      /^client\/a\.ts imports server\/b\.ts/,
    ],
    [
      'an import of a type',
      { 'engine/a.ts': "import type { X } from '../client/b.js';", 'client/b.ts': '' },
      /^engine\/a\.ts imports client\/b\.ts/,
    ],
    [
      'a type named in place',
      { 'proto/a.ts': "let x: typeof import('../engine/b.js');", 'engine/b.ts': '' },
      /^proto\/a\.ts imports engine\/b\.ts/,
    ],
    [
      'an import at run time',
      { 'client/a.ts': "await import('../engine/memory/b.js');", 'engine/memory/b.ts': '' },
      /^client\/a\.ts imports engine\/memory\/b\.ts/,
    ],
    [
      'an export of what is elsewhere',
      { 'proto/a.ts': "export * from '../client/b.js';", 'client/b.ts': '' },
      /^proto\/a\.ts imports client\/b\.ts/,
    ],
    ["gRPC's library in an engine", { 'engine/a.ts': "import '@grpc/grpc-js';" }, /^engine\/a\.ts imports @grpc\/grpc-js/],
    [
      "gRPC's library outside of its folder",
      { 'server/session/a.ts': "import '@grpc/grpc-js';" },
      /^server\/session\/a\.ts imports @grpc\/grpc-js/,
    ],
    ['a socket in an engine', { 'engine/a.ts': "import 'node:net';" }, /^engine\/a\.ts imports node:net/],
    [
      'a proxy that knows a transport',
      { 'client/objects/dict.ts': "import '../connect/transport/session.js';", 'client/connect/transport/session.ts': '' },
      /^client\/objects\/dict\.ts imports client\/connect\/transport\/session\.ts/,
    ],
    [
      'a transport that knows a proxy',
      { 'client/connect/transport/a.ts': "import '../../objects/dict.js';", 'client/objects/dict.ts': '' },
      /^client\/connect\/transport\/a\.ts imports client\/objects\/dict\.ts/,
    ],
    [
      'a proxy that reaches a transport through another file',
      {
        'client/objects/dict.ts': "import '../shared/a.js';",
        'client/shared/a.ts': "import '../connect/transport/session.js';",
        'client/connect/transport/session.ts': '',
      },
      /^client\/objects\/dict\.ts reaches client\/connect\/transport\/session\.ts.*client\/shared\/a\.ts/,
    ],
    [
      'an engine that imports the other one',
      { 'engine/shared/a.ts': "import '../memory/b.js';", 'engine/memory/b.ts': '' },
      /^engine\/shared\/a\.ts imports engine\/memory\/b\.ts/,
    ],
    [
      'an example with inside knowledge',
      { 'examples/a.ts': "import '../client/b.js';", 'client/b.ts': '' },
      /^examples\/a\.ts imports client\/b\.ts/,
    ],
    [
      'a circle',
      { 'proto/a.ts': "import './b.js';", 'proto/b.ts': "import type {} from './a.js';" },
      /^imports run in a circle: .*proto\/a\.ts → proto\/b\.ts/,
    ],
    ['a file of 501 lines', { 'test/a.ts': '\n'.repeat(501), 'test/b.ts': '\n'.repeat(500) }, /^test\/a\.ts has 501 lines/],
  ];

  const ALLOWED = {
    'client/objects/dict.ts': "import type { T } from '../connect/transport/transport.js'; import '../../proto/a.js'; import 'node:fs';",
    'client/connect/transport/transport.ts': "import '../../../proto/a.js';",
    'client/connect/transport/session.ts': "import './transport.js'; import 'node:http2';",
    'server/grpc/a.ts': "import '@grpc/grpc-js'; import '../../engine/b.js';",
    'engine/b.ts': "import '../proto/a.js';",
    'proto/a.ts': "import '@bufbuild/protobuf/wkt';",
    'test/c.ts': "import '../server/grpc/a.js'; import '../client/objects/dict.js'; import 'fast-check';",
  };

  test.each(CASES)('%s', (what, _, line) => {
    expect(of(what)).toEqual([expect.stringMatching(line)]);
  });

  test('nothing in permitted imports', () => {
    expect(lines).toContain(`${join(root, 'allowed')}:`);
    expect(of('allowed')).toEqual([]);
  });
});
