import { EXT_TIMESTAMP, Encoder, ExtData, encodeDateToTimeSpec, encodeTimeSpecToTimestamp } from '@msgpack/msgpack';
import { binaryBody, isBytes, bytesOf } from './binary.js';
import { EXT, bigintBytes, losesItsBeginning } from './extensions.js';
import { errorParts } from './failure.js';
import { kindOf } from './kinds.js';
import { MAX_PACKED_DEPTH } from './refuse.js';
import type { ValueAnalysis } from './analysis.js';

const EMPTY = new Uint8Array(0);
const UNDEFINED = new ExtData(EXT.UNDEFINED, EMPTY);
const HOLE = new ExtData(EXT.HOLE, EMPTY);
const INVALID_DATE = new ExtData(EXT.INVALID_DATE, EMPTY);

/** Converts an analyzed value into a form that MessagePack can express: a tree of plain objects, arrays, scalars and extensions. */
export function lower(root: unknown, analysis: ValueAnalysis): unknown {
  const lowering = new Lowering(analysis);
  if (analysis.shared === undefined) return lowering.content(root);
  // The root is entry 0, even if it is one of the shared objects.
  const entries = [lowering.content(root)];
  for (const [value, place] of analysis.shared) if (place > 0) entries[place] = lowering.content(value);
  return nest(EXT.GRAPH, entries);
}

/**
 * Makes an encoder for values from {@link lower}, and for values that needed no lowering. Its depth limit admits all values that an analysis
 * admits.
 */
export function newEncoder(): Encoder {
  return new Encoder({ maxDepth: MAX_PACKED_DEPTH + 2, initialBufferSize: 1024 });
}

/** Size limit of the buffer of an encoder: an encoder that has encoded something larger is dropped, because it keeps the buffer. */
export const KEEP = 1 << 20;

let bodies = newEncoder();

/** Makes an extension whose body is MessagePack. */
function nest(type: number, body: unknown): ExtData {
  const bytes = bodies.encode(body);
  if (bytes.length > KEEP) bodies = newEncoder();
  return new ExtData(type, bytes);
}

class Lowering {
  readonly #analysis: ValueAnalysis;

  constructor(analysis: ValueAnalysis) {
    this.#analysis = analysis;
  }

  #node(value: unknown): unknown {
    if (value === undefined) return UNDEFINED;
    if (typeof value === 'object' && value !== null) {
      const place = this.#analysis.shared?.get(value);
      if (place !== undefined) return nest(EXT.SHARED, place);
    }
    return this.content(value);
  }

  /** Returns the content of a value, even if it is shared. */
  content(value: unknown): unknown {
    if (typeof value === 'bigint') return new ExtData(EXT.BIGINT, bigintBytes(value));
    if (typeof value === 'string') return text(value);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    const kind = kindOf(value);
    switch (kind) {
      case 'object':
        return this.#object(value as Record<string, unknown>);
      case 'array':
        return this.#array(value as unknown[]);
      case 'map':
        return nest(
          EXT.MAP,
          [...(value as Map<unknown, unknown>)].flat(1).map((item) => this.#node(item)),
        );
      case 'set':
        return nest(
          EXT.SET,
          [...(value as Set<unknown>)].map((item) => this.#node(item)),
        );
      case 'date':
        return date(value as Date);
      case 'regexp':
        return nest(EXT.REGEXP, [text((value as RegExp).source), (value as RegExp).flags]);
      case 'error':
        return nest(EXT.ERROR, this.#object({ ...errorParts(value as Error) }));
      case 'buffer':
      case 'view':
        if (this.#analysis.referencePlaces?.has(value)) return this.#reference(value);
        return isBytes(value) ? bytesOf(value) : new ExtData(EXT.BINARY, binaryBody(value as ArrayBufferView | ArrayBuffer));
      case 'reference':
      case 'foreign':
        return this.#reference(value);
    }
  }

  #reference(value: object): ExtData {
    const place = this.#analysis.referencePlaces?.get(value);
    if (place === undefined) throw new TypeError('the value changed while it was encoded');
    return nest(EXT.REFERENCE, place);
  }

  #object(value: Record<string, unknown>): unknown {
    const keys = Object.keys(value);
    // Some libraries for MessagePack refuse the key `__proto__`, and others set a prototype.
    if (keys.some((key) => key === '__proto__' || losesItsBeginning(key))) {
      return nest(
        EXT.OBJECT,
        keys.flatMap((key) => [text(key), this.#node(value[key])]),
      );
    }
    const lowered: Record<string, unknown> = {};
    for (const key of keys) lowered[key] = this.#node(value[key]);
    return lowered;
  }

  #array(value: unknown[]): unknown[] {
    const lowered = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) lowered[i] = i in value ? this.#node(value[i]) : HOLE;
    return lowered;
  }
}

function text(value: string): string | ExtData {
  return losesItsBeginning(value) ? new ExtData(EXT.TEXT, Buffer.from(value)) : value;
}

function date(value: Date): ExtData {
  if (Number.isNaN(value.getTime())) return INVALID_DATE;
  return new ExtData(EXT_TIMESTAMP, encodeTimeSpecToTimestamp(encodeDateToTimeSpec(value)));
}
