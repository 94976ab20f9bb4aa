import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NamePage } from '../../../engine/memory/name-page.js';

test('pages of objects by their names have all that are wanted, once each and in order', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 9 }), fc.constantFrom('', 'a', 'b'), (all, size, without) => {
      const isWanted = ({ name }: { name: string }): boolean => without === '' || !name.includes(without);
      const found: string[] = [];
      let token = '';
      do {
        const page = new NamePage(token, size, isWanted);
        for (const name of all) page.offer({ name });
        const { objects, nextPageToken } = page.end();
        // A page is full if another one follows, which has something.
        expect(objects.length).toBe(nextPageToken === '' ? objects.length : size);
        if (token !== '') expect(objects.length).toBeGreaterThan(0);
        found.push(...objects.map(({ name }) => name));
        token = nextPageToken;
      } while (token !== '');
      expect(found).toEqual(all.filter((name) => isWanted({ name })).sort());
    }),
  );
});
