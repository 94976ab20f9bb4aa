import { expect, it } from '@jest/globals';
import { checkJournal, type JournalEntry } from '../support/journal.js';

// The rules of a loss, on journals of one daemon that was killed at 1000, and gone at 1010.

const LIVES = [{ killedAt: 1_000, endedAt: 1_010 }];
const entry = (called: number, answered = Infinity): JournalEntry => ({ called, answered });
const check = (entries: JournalEntry[], left: number[], stallOf = (): number => 20) => checkJournal(entries, left, LIVES, stallOf);

it('the end of the journal may be lost, up to a tenth of a second', () => {
  const journal = [entry(0, 800), entry(850, 950), entry(960, 970), entry(990), entry(1_100, 1_200)];
  expect(check(journal, [0, 4])).toEqual({ violations: [], losses: [50] });
  expect(check(journal, [0, 1, 2, 3, 4])).toEqual({ violations: [], losses: [] });
});

it.each([
  ['an item of a later life', [entry(1_100, 1_200)], [], /no daemon has ended/],
  ['an item, and not one that was added after its answer', [entry(0, 950), entry(960, 970)], [1], /one was lost that was answered before/],
  ['an item that was answered too long before', [entry(0, 870)], [], /130 ms after its answer/],
])('%s must not be lost', (_, journal, left, violation) => {
  expect(check(journal, left).violations).toEqual([expect.stringMatching(violation)]);
});

it('a stall of the machine explains an older loss', () => {
  expect(check([entry(0, 870)], [], () => 40).violations).toEqual([]);
});

it.each([
  ['twice', [entry(0, 10)], [0, 0], /are there twice/],
  ['in another order than that of their calls', [entry(0, 10), entry(20, 30)], [1, 0], /not in the order/],
])('items must not be there %s', (_, journal, left, violation) => {
  expect(check(journal, left).violations).toContainEqual(expect.stringMatching(violation));
});
