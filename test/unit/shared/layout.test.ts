import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import * as layout from '../../../engine/shared/kernel/layout.js';

/** Names of offsets, whose first letter says in which structure. */
const OFFSET = /^[A-Z]_(?!SIZE$)/;

it('docs/shared-memory.md names each offset of the layout, and no other', () => {
  const document = readFileSync(new URL('../../../../docs/shared-memory.md', import.meta.url), 'utf8');
  const named = [...document.matchAll(/^\| (-?\d+) +\| `(\w+)`/gm)].map(([, offset, name]) => [name, Number(offset)] as const);
  const real = Object.entries(layout).filter(([name]) => OFFSET.test(name));
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(real));
});
