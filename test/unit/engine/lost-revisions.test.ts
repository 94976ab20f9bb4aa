import { expect, test } from '@jest/globals';
import { LostRevisions } from '../../../engine/memory/watching/lost-revisions.js';

test('a revision is lost if a start of the manager jumped over it', () => {
  const lost = new LostRevisions();
  lost.add(10, 20);
  lost.add(25, 30);
  expect([9, 10, 11, 19, 20, 25, 26, 30].filter((revision) => lost.has(revision))).toEqual([11, 19, 26]);
});

test('a manager whose clock went back jumps over nothing', () => {
  const lost = new LostRevisions();
  lost.add(10, 10);
  expect(lost.state()).toEqual([]);
});

test('of more starts than are remembered, the revisions between the oldest ones count as lost', () => {
  const lost = new LostRevisions();
  for (let start = 0; start < 1001; start++) lost.add(start * 10, start * 10 + 5);
  expect(lost.state()).toHaveLength(1000);
  expect([lost.has(7), lost.has(17)]).toEqual([true, false]);
});
