/**
 * Freezes the plain objects and arrays of a decoded value, those inside of Maps and Sets too. What
 * has a class stays as it is: Maps, Sets and typed arrays cannot be frozen, instances are not ours.
 */
export function freezeDeep(value: unknown): void {
  const rest: unknown[] = [value];
  const collections = new Set<object>();
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (next instanceof Map || next instanceof Set) {
      if (collections.has(next)) continue;
      collections.add(next);
      for (const [key, item] of next.entries()) rest.push(key, item);
    } else if ((Array.isArray(next) || Object.getPrototypeOf(next) === Object.prototype) && !Object.isFrozen(next)) {
      Object.freeze(next);
      for (const item of Object.values(next)) rest.push(item);
    }
  }
}

/** Whether nobody can change anything about a value that went through {@link freezeDeep}. */
export function isFrozenDeep(value: unknown): boolean {
  const rest: unknown[] = [value];
  const seen = new Set<object>();
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Object.isFrozen(next)) return false;
    if (seen.has(next)) continue;
    seen.add(next);
    for (const item of Object.values(next)) rest.push(item);
  }
  return true;
}
