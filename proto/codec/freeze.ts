/**
 * Freezes the plain objects and arrays of a decoded value, including those inside Maps and Sets. Other objects stay as they are: Maps, Sets
 * and typed arrays cannot be frozen, and proxies have a state of their own.
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

/**
 * Returns a value in which all that {@link freezeDeep} froze is a copy that can be changed, for code that changes the copies it gets. The rest
 * stays: instances of classes, and everything that was not frozen.
 */
export function thawDeep<T>(value: T, copies = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value;
  if (!copies.has(value)) thawInto(copies, value);
  return copies.get(value) as T;
}

/** Sets the copy of an object first, because its contents may refer to it. */
function thawInto(copies: Map<unknown, unknown>, value: object): void {
  copies.set(value, value);
  if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, item] of entries) value.set(thawDeep(key, copies), thawDeep(item, copies));
  } else if (value instanceof Set) {
    const items = [...value];
    value.clear();
    for (const item of items) value.add(thawDeep(item, copies));
  } else if (Object.isFrozen(value) && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)) {
    const copy: object = Array.isArray(value) ? new Array(value.length) : {};
    copies.set(value, copy);
    // Defined, not assigned: `__proto__` is a key like any other.
    for (const [key, item] of Object.entries(value)) {
      Object.defineProperty(copy, key, { value: thawDeep(item, copies), writable: true, enumerable: true, configurable: true });
    }
  }
}
