import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { countWords, differences, topWords, totalOf, type Counts } from '../../examples/wordcount/count.js';

// Runs the examples as a user does: built, each in a process of its own, from the package's root.
const EXPECTED = '.expected.txt';
const NAMES = readdirSync('examples')
  .filter((file) => file.endsWith(EXPECTED))
  .map((file) => file.slice(0, -EXPECTED.length));

/** Run in a smaller form, which its parameters ask for. */
const MANDELBROT = '09-mandelbrot';

/** Times differ from run to run. */
const untimed = (text: string): string => text.replace(/\d+\.\d+ (s|times)\b/g, '# $1');

interface Outcome {
  code: number | string | null | undefined;
  stdout: string;
  stderr: string;
}

function run(program: string, parameters: string[] = [], variables: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env = { ...process.env, ...variables };
  // Jest's colours and the manager of the person who runs the tests must not affect the examples.
  for (const name of ['FORCE_COLOR', 'NODE_OPTIONS', 'COMMONHOLD_ADDRESS']) if (!(name in variables)) delete env[name];
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...parameters], { env, timeout: 500_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr });
    });
  });
}

describe('examples', () => {
  test('every numbered example has its expected output', () => {
    const programs = readdirSync('examples').filter((file) => /^\d\d-[^.]+\.ts$/.test(file));
    expect(NAMES).toEqual(programs.map((file) => file.replace(/\.ts$/, '')));
  });

  test.each(NAMES.filter((name) => name !== MANDELBROT))('%s prints the expected output beside it', async (name) => {
    const expected = await readFile(join('examples', name + EXPECTED), 'utf8');
    const { code, stdout, stderr } = await run(`dist/examples/${name}.js`);
    expect({ code, stdout: untimed(stdout), stderr }).toEqual({ code: 0, stdout: untimed(expected), stderr: '' });
  });
});

test('06-map-reduce counts the words of another directory, if asked', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'commonhold-map-reduce-'));
  try {
    await mkdir(join(directory, 'deep'));
    await writeFile(join(directory, 'a.txt'), 'one Two three');
    await writeFile(join(directory, 'deep', 'b.md'), 'three TWO, three');
    await writeFile(join(directory, 'c.js'), 'not counted');
    const { code, stdout } = await run('dist/examples/06-map-reduce.js', [directory]);
    expect({ code, lines: stdout.split('\n').slice(2) }).toEqual({
      code: 0,
      lines: ['four processes and one count the same: true', '       3  three', '       2  two', '       1  one', ''],
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('09-mandelbrot prints the expected output beside it, and writes the picture to a file, if asked', async () => {
  const expected = await readFile(join('examples', MANDELBROT + EXPECTED), 'utf8');
  const directory = await mkdtemp(join(tmpdir(), 'commonhold-mandelbrot-'));
  try {
    const file = join(directory, 'small.png');
    const { code, stdout, stderr } = await run(`dist/examples/${MANDELBROT}.js`, [file, '60']);
    const small = expected.replace('600 by 400', '60 by 40');
    expect({ code, stdout: untimed(stdout), stderr }).toEqual({ code: 0, stdout: untimed(small), stderr: '' });
    const png = await readFile(file);
    // After the signature, chunks of length, type, data and checksum: IHDR and IDAT here.
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([60, 40]);
    const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
    expect(rows.length).toBe(40 * (1 + 60 * 3));
    // The point 0 is in the set, which is black; the corner is not.
    const pixel = (x: number, y: number) => [...rows.subarray(y * 181 + 1 + 3 * x, y * 181 + 4 + 3 * x)];
    expect(pixel(44, 20)).toEqual([0, 0, 0]);
    expect(pixel(0, 0)).not.toEqual([0, 0, 0]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

describe('wordcount', () => {
  const PROGRAM = 'dist/examples/wordcount/main.js';
  const TIMES = /^(\d+) workers on \1 cores: \d+\.\d s, one process: \d+\.\d s$/;
  const WORDS = new Map([
    ['__proto__', 4],
    ['constructor', 3],
    ['straße', 3],
    ['the', 3],
    ['cat', 2],
    ['i\u0307stanbul', 2],
    ['ünïcode', 2],
    ['数据', 2],
    ['__definegetter__', 1],
    ['a1', 1],
    ['and', 1],
    ['const', 1],
    ["don't", 1],
    ['hasownproperty', 1],
    ['hat', 1],
    ['sat', 1],
    ['string', 1],
    ['tostring', 1],
    ['valueof', 1],
    ['δελφίνι', 1],
    // The twenty words above are printed, and these are not.
    ['δω', 1],
    ['यह', 1],
  ]);
  const TEXTS = {
    'a.md': "The cat and the hat. __proto__ constructor toString; don't\n",
    'deep/er/b.txt': 'constructor, __proto__ __PROTO__ hasOwnProperty valueOf\n',
    'deep/c.ts': "const ünïcode = 'straße ÜNÏCODE Straße 数据 İstanbul i\u0307stanbul';\n",
    'types.d.ts': '__proto__: constructor __defineGetter__ string 12 3.4 --- a1\n',
    'deep/greek.txt': 'STRAßE Δελφίνι ΔΩ 数据 यह, the cat sat',
    'empty.txt': '',
  };
  const BYTES = Object.values(TEXTS).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'commonhold-wordcount-'));
    await mkdir(join(directory, 'deep/er'), { recursive: true });
    for (const [path, text] of Object.entries(TEXTS)) await writeFile(join(directory, path), text);
    // Not counted: other types, links.
    await writeFile(join(directory, 'data.json'), '{ "the": "the" }');
    await symlink('a.md', join(directory, 'link.md'));
    await symlink('.', join(directory, 'circle'));
  });

  afterAll(() => rm(directory, { recursive: true }));

  /** The lines that it prints on success. */
  const output = (files: number): unknown[] => [
    `${files} files, 0.0 MB in ${directory}`,
    ...[...WORDS].slice(0, 20).map(([word, count]) => `${String(count).padStart(10)}  ${word}`),
    'check: ok, 35 words, 22 distinct',
    expect.stringMatching(TIMES),
    expect.stringMatching(/^\d+\.\d\d times as fast$/),
    '',
  ];

  (process.platform === 'linux' ? test : test.skip)('reports what it cannot read, and counts the rest, with its progress', async () => {
    // A path that is not UTF-8 cannot be opened by its text: even root cannot read these files.
    const bad = (prefix: string) => Buffer.concat([Buffer.from(join(directory, prefix)), Buffer.from([0xff]), Buffer.from('.txt')]);
    await writeFile(bad('file'), 'the the the');
    await mkdir(bad('directory'));
    try {
      const { code, stdout, stderr } = await run(PROGRAM, [directory]);
      expect({ code, lines: stdout.split('\n') }).toEqual({ code: 0, lines: output(7) });
      expect(stderr).toMatch(/^skipped .*file\ufffd\.txt: ENOENT/m);
      expect(stderr).toMatch(/^skipped .*directory\ufffd\.txt: ENOENT/m);
      // Without a terminal, progress is printed as plain lines.
      expect(stderr.replace(/^skipped .*\n/gm, '')).toMatch(/^(\d+ %\n)*100 %\n$/);
    } finally {
      await rm(bad('file'));
      await rm(bad('directory'), { recursive: true });
    }
  });

  test('a worker that is killed during its work costs nothing, and is counted once', async () => {
    const many = await mkdtemp(join(directory, '..', 'commonhold-wordcount-'));
    try {
      // At least six chunks.
      const text = 'one two three four five six seven eight nine ten\n'.repeat(1_000);
      for (let file = 0; file < 30; file++) await writeFile(join(many, `${file}.txt`), text);
      const { code, stdout, stderr } = await run(PROGRAM, [many]);
      expect({ code, check: stdout.split('\n')[11] }).toEqual({ code: 0, check: 'check: ok, 300000 words, 10 distinct' });
      expect(stderr).toMatch(/^killed worker\.js:\d+: another worker gets its chunk$/m);
    } finally {
      await rm(many, { recursive: true });
    }
  });

  test('an empty directory has no words', async () => {
    const empty = await mkdtemp(join(directory, '..', 'commonhold-wordcount-'));
    try {
      const { code, stdout } = await run(PROGRAM, [empty]);
      expect({ code, check: stdout.split('\n')[1] }).toEqual({ code: 0, check: 'check: ok, 0 words, 0 distinct' });
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  test('a directory that does not exist is an error', async () => {
    const { code, stdout, stderr } = await run(PROGRAM, [join(directory, 'nowhere')]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('ENOENT');
  });

  describe('with a running manager', () => {
    const environmentOf = (manager: Manager): NodeJS.ProcessEnv => (manager.token === undefined ? {} : { COMMONHOLD_TOKEN: manager.token });

    test('--keep leaves the objects to be inspected, and clears the ones of the run before', async () => {
      await using manager = await Manager.start();
      for (let round = 0; round < 2; round++) {
        const { code, stdout } = await run(PROGRAM, ['--address', manager.address, '--keep', directory], environmentOf(manager));
        expect({ code, lines: stdout.split('\n') }).toEqual({ code: 0, lines: output(6) });
        const words = await manager.dict<string, number>('wordcount:words').toMap();
        expect(new Map([...words].sort())).toEqual(new Map([...WORDS].sort()));
        expect(await manager.queue('wordcount:chunks').size()).toBe(0);
        expect(await manager.value('wordcount:done', 0).get()).toBe(BYTES);
        const files = manager.dict<string, unknown>('wordcount:files');
        expect(await files.size()).toBe(6);
        expect(await files.get(join(directory, 'empty.txt'))).toEqual({
          sha256: createHash('sha256').digest('hex'),
          compressed: expect.any(Number),
        });
      }
    });

    test('without --keep it removes its objects, and no others', async () => {
      await using manager = await Manager.start();
      const others = manager.dict<string, number>('wordcount:words');
      await others.set('the', 1000);
      const variables = { ...environmentOf(manager), COMMONHOLD_ADDRESS: manager.address };
      const { code, stdout } = await run(PROGRAM, [directory], variables);
      expect({ code, lines: stdout.split('\n') }).toEqual({ code: 0, lines: output(6) });
      expect(await others.toMap()).toEqual(new Map([['the', 1000]]));
      const names: string[] = [];
      for await (const { name } of manager.objects()) names.push(name);
      expect(names).toEqual(['wordcount:words']);
    });
  });

  test('prints the words that differ', () => {
    const expected: Counts = new Map();
    for (const text of Object.values(TEXTS)) countWords(text, expected);
    expect(totalOf(expected)).toBe(35);
    expect(topWords(expected, 2)).toEqual([
      ['__proto__', 4],
      ['constructor', 3],
    ]);
    expect(differences(expected, new Map(expected))).toEqual([]);

    const actual = new Map(expected).set('the', 2).set('new', 1);
    actual.delete('__proto__');
    expect(differences(expected, actual)).toEqual([
      { word: 'the', expected: 3, actual: 2 },
      { word: '__proto__', expected: 4, actual: 0 },
      { word: 'new', expected: 0, actual: 1 },
    ]);
  });
});
