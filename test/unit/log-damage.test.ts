import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DamagedLogError } from '../../proto/errors.js';
import { segmentName } from '../../server/log/segments/files.js';
import { FIRST_RECORD, recordSize, segmentHead } from '../../server/log/segments/format.js';
import { salvage } from '../../server/log/segments/salvage.js';
import { SegmentStore } from '../../server/log/segments/segment-store.js';
import { verify } from '../../server/log/segments/verify.js';
import { Temporary } from '../support/daemon.js';
import { bytesOf, chunks, crashImage, endOfLog, flipBit, overwriteAt, recordsFrom, recover, textOf, zeroFrom } from '../support/log.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';

/** Each segment has room for three records of TEXTS. */
const TINY = { first: FIRST_RECORD + 200, largest: FIRST_RECORD + 200 };
const TEXTS = ['one', 'two two', 'three', 'four four', 'five', 'six six six', 'seven', 'eight'];
const SIZES = TEXTS.map((text) => recordSize(text.length));

/** A log in three segments, of which the last has two records. Its leader was released. */
let whole: Temporary;
/** The same log, as it was right after its last append. */
let crashed: Temporary;
/** The same log with a snapshot of its first five records; and what is left of its segments. */
let shortened: Temporary;

beforeAll(async () => {
  [whole, crashed, shortened] = [new Temporary(), new Temporary(), new Temporary()];
  const store = new SegmentStore(whole.path, { sizes: TINY });
  const leader = await store.lead();
  for (const text of TEXTS) await leader.append(bytesOf(text));
  crashImage(whole.path, crashed.path);
  await leader.release();
  cpSync(whole.path, shortened.path, { recursive: true });
  const second = await new SegmentStore(shortened.path, { sizes: TINY }).lead();
  await second.snapshot(5, chunks('one to', ' five'));
  await second.release();
});

afterAll(() => {
  for (const directory of [whole, crashed, shortened]) directory[Symbol.dispose]();
});

/** A copy of a log, to damage. */
function copyOf(log: Temporary): Temporary {
  const copy = new Temporary();
  cpSync(log.path, copy.path, { recursive: true, filter: (path) => !path.endsWith('owner') });
  return copy;
}

function segmentsIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.log'));
}

/** Recovers a log. Returns the refusal, if it is refused. */
function recoveredOrRefused(directory: string): ReturnType<typeof recover> | DamagedLogError {
  try {
    return recover(directory);
  } catch (error) {
    if (error instanceof DamagedLogError) return error;
    throw error;
  }
}

test('the log of these tests has three segments', () => {
  expect(segmentsIn(whole.path)).toEqual(['00000001.log', '00000002.log', '00000003.log']);
  expect(recover(whole.path)).toEqual({ records: TEXTS, torn: 0, last: TEXTS.length });
  expect(recover(crashed.path)).toEqual({ records: TEXTS, torn: 0, last: TEXTS.length });
});

describe('a write that was torn', () => {
  test('at any byte of the last segment costs the records that it tears, and is reported', () => {
    using log = copyOf(crashed);
    const { file, offset } = endOfLog(log.path);
    const path = log.join(file);
    const bytes = readFileSync(path);
    const before = TEXTS.length - 2;
    const starts = [FIRST_RECORD, FIRST_RECORD + SIZES[before]!];
    for (let length = FIRST_RECORD; length < offset; length++) {
      zeroFrom(path, bytes, length);
      const complete = before + starts.filter((start, index) => length >= start + 40 + TEXTS[before + index]!.length).length;
      const found = recover(log.path);
      expect([length, found.last, found.records]).toEqual([length, complete, TEXTS.slice(0, complete)]);
      // The first bytes of a header are a checksum, which may end in zeros.
      const start = starts[complete - before];
      if (start !== undefined && length > start + 4) expect(found.torn).toBeGreaterThan(0);
    }
  });

  test('is cut off by the next leader, which goes on in its place', async () => {
    using log = copyOf(crashed);
    const { file, offset } = endOfLog(log.path);
    zeroFrom(log.join(file), readFileSync(log.join(file)), offset - 12);
    await using store = new SegmentStore(log.path, { sizes: TINY });
    const leader = await store.lead();
    expect([leader.torn?.at, leader.next]).toEqual([8, 8]);
    expect(leader.torn?.bytes).toBeGreaterThanOrEqual(40);
    await leader.append(bytesOf('other'));
    await leader.release();
    const again = await store.lead();
    expect([again.torn, await recordsFrom(store, 1)]).toEqual([undefined, [...TEXTS.slice(0, 7), 'other']]);
  });

  test('leaves records behind it that never come back', async () => {
    using log = new Temporary();
    using copy = new Temporary();
    await using store = new SegmentStore(log.path, { policy: 'none' });
    const leader = await store.lead();
    for (const text of TEXTS) await leader.append(bytesOf(text));
    await until('the thread has written all', async () => (await recordsFrom(store, 1)).length === TEXTS.length);
    crashImage(log.path, copy.path);
    // Nothing was flushed: the second record can be torn, and the later ones whole.
    flipBit(copy.join('00000001.log'), (FIRST_RECORD + SIZES[0]! + 40) * 8);
    expect(await recordsFrom(new SegmentStore(copy.path), 3)).toEqual([]);
    for (const text of ['TWO TWO', 'THREE']) {
      await using recovered = new SegmentStore(copy.path);
      const next = await recovered.lead();
      expect(next.torn === undefined).toBe(text === 'THREE');
      await next.append(bytesOf(text));
      if (text === 'THREE') continue;
      using killed = copyOf(copy);
      // The third record of the first leader once more, as if the second one had been killed before it wrote behind its own.
      const third = FIRST_RECORD + SIZES[0]! + SIZES[1]!;
      overwriteAt(killed.join('00000001.log'), third, readFileSync(log.join('00000001.log')).subarray(third, third + SIZES[2]!));
      expect(recover(killed.path).records).toEqual(['one', 'TWO TWO']);
    }
    expect(recover(copy.path).records).toEqual(['one', 'TWO TWO', 'THREE']);
  });

  test('in the first write to a segment costs that segment alone', () => {
    using log = copyOf(crashed);
    const { file, offset } = endOfLog(log.path);
    const path = log.join(file);
    const bytes = readFileSync(path);
    for (let length = 0; length < FIRST_RECORD; length += 32) {
      zeroFrom(path, bytes, length);
      expect([length, recover(log.path).records]).toEqual([length, TEXTS.slice(0, 6)]);
    }
    expect(offset).toBeGreaterThan(FIRST_RECORD);
  });
});

/** Flips bits of the used parts of all files of a log, one at a time. */
function* flipped(log: Temporary): Generator<{ readonly place: string; readonly inHeader: boolean }> {
  for (const file of [...segmentsIn(log.path), 'control']) {
    const { size } = statSync(log.join(file));
    for (let bit = 0; bit < size * 8; bit += stress(11, 1)) {
      const byte = bit >> 3;
      const isUsed = byte < 64 || (byte >= 2048 && byte < 2112) || byte >= FIRST_RECORD;
      if (!isUsed && byte % 64 !== 0) continue;
      const restore = flipBit(log.join(file), bit);
      yield { place: `bit ${bit} of ${file}`, inHeader: byte < FIRST_RECORD };
      restore();
    }
  }
}

describe('a flipped bit', () => {
  test('in a log that was released costs no record, or is refused; in a header of a file it costs nothing', () => {
    using log = copyOf(whole);
    for (const { place, inHeader } of flipped(log)) {
      const found = recoveredOrRefused(log.path);
      if (inHeader) expect([place, found]).toEqual([place, { records: TEXTS, torn: 0, last: TEXTS.length }]);
      if (!(found instanceof DamagedLogError)) expect([place, found.records]).toEqual([place, TEXTS]);
    }
  });

  test('in a log that was not released costs at most the last record, of which nothing says that it was durable, or is refused', () => {
    using log = copyOf(crashed);
    for (const { place } of flipped(log)) {
      const found = recoveredOrRefused(log.path);
      if (found instanceof DamagedLogError) continue;
      const lost = TEXTS.length - found.last;
      expect([place, found.records]).toEqual([place, TEXTS.slice(0, found.last)]);
      expect([place, lost]).toEqual([place, found.torn > 0 ? Math.min(lost, 1) : 0]);
    }
  });

  test('in a record that a snapshot has costs nothing', () => {
    using log = copyOf(shortened);
    const end = FIRST_RECORD + SIZES[3]! + SIZES[4]!;
    for (let bit = FIRST_RECORD * 8; bit < end * 8; bit++) {
      const restore = flipBit(log.join('00000002.log'), bit);
      expect([bit, recover(log.path)]).toEqual([bit, { records: TEXTS.slice(5), torn: 0, last: TEXTS.length }]);
      restore();
    }
  });

  test('in a snapshot is refused', async () => {
    using log = copyOf(shortened);
    const store = new SegmentStore(log.path);
    const path = log.join('5.snapshot');
    expect(await textOf(await store.snapshot())).toBe('one to five');
    for (let bit = 0; bit < statSync(path).size * 8; bit++) {
      const restore = flipBit(path, bit);
      await expect((async () => textOf(await store.snapshot()))()).rejects.toThrow(DamagedLogError);
      restore();
    }
  });
});

test('a snapshot that was cut short is refused before it is read', async () => {
  using log = copyOf(shortened);
  const path = log.join('5.snapshot');
  const bytes = readFileSync(path);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    await expect(new SegmentStore(log.path).snapshot()).rejects.toThrow(DamagedLogError);
  }
  await expect(new SegmentStore(log.path).lead()).rejects.toThrow(DamagedLogError);
});

/** Ways to damage a log, with the file that the refusal names and the number of records before the damage. */
const DAMAGES: [string, () => Temporary, (log: Temporary) => void, string, number][] = [
  ['its first segment is missing', () => whole, (log) => rmSync(log.join('00000001.log')), '00000001.log', 0],
  ['a segment in the middle is missing', () => whole, (log) => rmSync(log.join('00000002.log')), '00000002.log', 3],
  ['its last segment is missing', () => whole, (log) => rmSync(log.join('00000003.log')), '00000003.log', 6],
  ['a segment lost its header', () => whole, (log) => overwriteAt(log.join('00000002.log'), 0, new Uint8Array(4096)), '00000002.log', 3],
  [
    'the last segment lost its header',
    () => whole,
    (log) => overwriteAt(log.join('00000003.log'), 0, new Uint8Array(4096)),
    '00000003.log',
    6,
  ],
  [
    'a record in the middle is wrong',
    () => whole,
    (log) => void flipBit(log.join('00000002.log'), (FIRST_RECORD + SIZES[3]!) * 8),
    '00000002.log',
    4,
  ],
  ['a segment has records of another', () => whole, (log) => claim(log, { number: 4, first: 4 }), '00000004.log', 8],
  ['a segment begins within another', () => whole, (log) => claim(log, { number: 4, first: 8 }), '00000004.log', 8],
  ['the snapshot is missing', () => shortened, (log) => rmSync(log.join('5.snapshot')), '00000001.log', 0],
  ['the control file is missing', () => whole, (log) => rmSync(log.join('control')), 'control', 8],
  ['the control file is rubbish', () => whole, (log) => writeFileSync(log.join('control'), 'rubbish'), 'control', 8],
];

function claim(log: Temporary, { number, first }: { number: number; first: number }): void {
  const path = log.join(segmentName(number));
  copyFileSync(log.join('00000002.log'), path);
  overwriteAt(path, 0, segmentHead({ number, first, epoch: 1, salt: 1 }));
}

describe.each(DAMAGES)('a log of which %s', (_, original, damage, file, kept) => {
  test('is refused by leader and reader, which name the place and the remedy', async () => {
    using log = copyOf(original());
    damage(log);
    const store = new SegmentStore(log.path);
    const leads = await store
      .lead()
      .then(() => recordsFrom(store, 1))
      .catch((error: unknown) => error);
    const reads = await recordsFrom(store, 1).catch((error: unknown) => error);
    for (const error of [leads, reads]) {
      expect(error).toBeInstanceOf(DamagedLogError);
      expect((error as Error).message).toContain(`${log.join(file)}, offset`);
      expect((error as Error).message).toContain(`commonhold doctor ${log.path} --salvage`);
    }
    await store[Symbol.asyncDispose]();
  });

  test('can be salvaged: everything before the damage is kept, and the rest moved away', async () => {
    using log = copyOf(original());
    damage(log);
    expect((await verify(log.path)).damage?.file).toBe(file);
    const { damages, aside, kept: now } = await salvage(log.path);
    expect(damages[0]?.file).toBe(file);
    expect(now).toEqual(await verify(log.path));
    expect([now.damage, aside === undefined || existsSync(aside)]).toEqual([undefined, true]);
    await using store = new SegmentStore(log.path, { sizes: TINY });
    const leader = await store.lead();
    await leader.append(bytesOf('new'));
    expect(await recordsFrom(store, 1)).toEqual([...TEXTS.slice(0, kept), 'new']);
  });
});

test('salvage keeps each file that it takes out of use, and the part of a segment behind a damage', async () => {
  using log = copyOf(whole);
  const [second, third] = [readFileSync(log.join('00000002.log')), readFileSync(log.join('00000003.log'))];
  const place = FIRST_RECORD + SIZES[3]!;
  second[place]! ^= 1;
  writeFileSync(log.join('00000002.log'), second);
  const { aside, moved } = await salvage(log.path);
  expect(moved).toEqual(['00000003.log', `00000002.log.from-${place}`]);
  expect(moved.map((name) => readFileSync(join(aside!, name)))).toEqual([third, second.subarray(place)]);
});

test('a sound log is described as it is, and salvage leaves it alone', async () => {
  using log = copyOf(shortened);
  const found = await verify(log.path);
  expect(found).toMatchObject({
    directory: log.path,
    epoch: 2,
    snapshot: { file: '5.snapshot', position: 5, chunks: 2, format: 1 },
    segments: [
      { file: '00000002.log', first: 4, last: 6 },
      { file: '00000003.log', first: 7, last: 8 },
    ],
    torn: undefined,
    damage: undefined,
  });
  expect(await salvage(log.path)).toEqual({ damages: [], aside: undefined, moved: [], kept: found });
});
