/**
 * Freezes the plain objects and arrays of a decoded value, including those inside Maps and Sets. Other objects stay as they are: Maps, Sets
 * and typed arrays cannot be frozen, and instances belong to users' classes.
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

/** Returns true if everything in a value that went through {@link freezeDeep} is frozen. */
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
