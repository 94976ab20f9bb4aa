import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** What the check says of a tree of sources, line by line. */
function breachesIn(root: string): Promise<{ code: unknown; lines: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/layers.mjs', root], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, lines: (stdout + stderr).split('\n').filter((line) => line !== '') });
    });
  });
}

test('layers hold, no imports run in a circle, no file is too long', async () => {
  expect(await breachesIn('.')).toEqual({ code: 0, lines: [] });
});

describe('the check finds', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'commonhold-layers-'));
  });

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
      { 'client/dict.ts': "import './transport/session.js';", 'client/transport/session.ts': '' },
      /^client\/dict\.ts imports client\/transport\/session\.ts/,
    ],
    [
      'a transport that knows a proxy',
      { 'client/transport/a.ts': "import '../dict.js';", 'client/dict.ts': '' },
      /^client\/transport\/a\.ts imports client\/dict\.ts/,
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

  test.each(CASES)('%s', async (what, files, line) => {
    const directory = join(root, what);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    expect(await breachesIn(directory)).toEqual({ code: 1, lines: [expect.stringMatching(line)] });
  });

  test('nothing in what is allowed', async () => {
    const directory = join(root, 'allowed');
    const files = {
      'client/dict.ts': "import type { T } from './transport/transport.js'; import '../proto/a.js'; import 'node:fs';",
      'client/transport/transport.ts': "import '../../proto/a.js'; import 'node:http2';",
      'server/grpc/a.ts': "import '@grpc/grpc-js'; import '../../engine/b.js';",
      'engine/b.ts': "import '../proto/a.js';",
      'proto/a.ts': "import '@bufbuild/protobuf/wkt';",
      'test/c.ts': "import '../server/grpc/a.js'; import '../client/dict.js'; import 'fast-check';",
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    expect(await breachesIn(directory)).toEqual({ code: 0, lines: [] });
  });
});
