type Methods = Record<string, (...args: readonly unknown[]) => unknown>;

/** Calls a method of an object once: by `sync` if requested and the object is in shared memory. */
export default async function (object: object, how: 'sync' | 'await', method: string, ...args: readonly unknown[]): Promise<unknown> {
  const on = (how === 'sync' ? (object as { sync: Methods }).sync : object) as Methods;
  return on[method]!(...args);
}
