import fc from 'fast-check';

/** Any character. The unit `binary` of fast-check is the same, but takes a second to make. */
export const character = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));

/** Text that can be encoded: without half a surrogate pair. The beginnings are hard cases of codecs. */
export const text = fc.oneof(
  fc.string({ unit: character }).filter((value) => value === Buffer.from(value).toString()),
  fc.constantFrom('', '__proto__', 'constructor', '\0', '\ufeffbom', `\ufeff${'x'.repeat(300)}`, 'ä'.repeat(50), 'x'.repeat(200), '😀'),
);

/** Numbers; -0 is tested apart, because it may become 0 inside packed data. */
export const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()).map((value) => value + 0);

export const bigint = fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n });

const scalar = fc.oneof(text, number, bigint, fc.boolean(), fc.constantFrom(null, undefined));

const binary = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.int8Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.float32Array().map((array) => array.map((value) => value + 0)),
  fc.float64Array().map((array) => array.map((value) => value + 0)),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  fc.uint8ClampedArray(),
  fc.uint8Array().map((bytes) => bytes.slice().buffer),
  fc.uint8Array().map((bytes) => new DataView(bytes.slice().buffer)),
);

/** Objects with nothing inside. */
const leaf = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.constantFrom('a+', '\\d', '[/]', '').chain((source) => fc.constantFrom('', 'g', 'iu').map((flags) => new RegExp(source, flags))),
  binary,
);

/** A plain object with these entries, under any keys. */
export function objectOf(entries: [string, unknown][]): object {
  const object = {};
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

function sparse([items, holes]: [unknown[], number[]]): unknown[] {
  for (const hole of holes) if (hole < items.length) Reflect.deleteProperty(items, hole);
  return items;
}

/** Any tree of values that can be encoded. */
export const tree: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    leaf,
    fc.array(fc.tuple(text, tie('node')), { maxLength: 5 }).map(objectOf),
    fc.tuple(fc.array(tie('node'), { maxLength: 5 }), fc.array(fc.nat(5), { maxLength: 2 })).map(sparse),
    fc.array(fc.tuple(tie('node'), tie('node')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('node'), { maxLength: 4 }).map((members) => new Set(members)),
    fc.tuple(text, tie('node')).map(([message, cause]) => new TypeError(message, { cause })),
  ),
})).node;

/** Any value with objects that occur more than once, and cycles. */
export const graph: fc.Arbitrary<unknown> = fc
  .tuple(fc.array(tree, { minLength: 1, maxLength: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }))
  .map(([trees, links]) => {
    // A copy: fast-check builds the same trees again when it shrinks.
    const root = copy(trees);
    const containers = containersIn(root);
    for (const [from, to] of links) link(containers[from % containers.length]!, containers[to % containers.length]!);
    return root;
  });

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copy(key), copy(item)]));
  if (value instanceof Set) return new Set([...value].map(copy));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return objectOf(Object.entries(value).map(([key, item]) => [key, copy(item)]));
}

function containersIn(value: unknown, found: object[] = []): object[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return found;
  found.push(value);
  for (const item of value instanceof Map ? [...value].flat(1) : value instanceof Set ? value : Object.values(value))
    containersIn(item, found);
  return found;
}

function link(from: object, to: object): void {
  if (Array.isArray(from)) from.push(to);
  else if (from instanceof Map) from.set(to, to);
  else if (from instanceof Set) from.add(to);
  else if (Object.getPrototypeOf(from) === Object.prototype)
    Object.defineProperty(from, 'link', { value: to, enumerable: true, configurable: true, writable: true });
}
