import fc from 'fast-check';
import { canonical } from '../../../proto/codec/canonical.js';
import { equalPayloads } from '../../../proto/codec/equal.js';
import { toJsonPayload } from '../../../proto/codec/json.js';
import { numberOf } from '../../../proto/codec/number.js';
import { AnyMessage } from '../../../proto/codec/opaque.js';
import { compareKeys, fieldOf, sortKey } from '../../../proto/codec/order.js';
import { decodeOpaque, decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { assertReadable } from '../../../proto/codec/readable.js';
import { REFERENCE, type Referable, type Reference } from '../../../proto/codec/reference.js';
import { mayRefer, referencesIn, withoutAddresses } from '../../../proto/codec/references.js';
import { coercePayload } from '../../../proto/codec/typecode.js';
import { payloadFromJson, payloadToJson } from '../../../proto/json/payload-json.js';
import { ManagerError } from '../../../proto/errors.js';
import { graph, tree } from '../../support/arbitrary-values.js';
import { drawing, type Draw } from '../../support/random.js';
import { Mutator } from '../mutator.js';
import type { Round, Target } from '../target.js';

/** Everything that reads the payloads of users' values, in the manager and in the SDK. */
export const target: Target = {
  inputs: 1_000,
  begin: (seed) => new PayloadRound(seed),
};

/** Values of each kind that a round mutates. */
const VALUES = 60;
/** Longest payload that is mutated. Many short ones try more than few long ones. */
const MOST_BYTES = 200;
/** Limit of the JSON of a payload, in bytes: a part of it that occurs often, and holes of arrays, grow. */
const MOST_JSON_BYTES = 4 * 1024 * 1024;

const NAMES: readonly Reference[] = [
  { kind: 'list', name: 'list', address: '' },
  { kind: 'pipe', name: '~1', address: 'unix:/run/manager', end: 1 },
];
const shared = (reference: Reference): Referable => ({ [REFERENCE]: () => reference });

class PayloadRound implements Round {
  readonly #draw: Draw;
  readonly #mutator: Mutator;
  /** The last payload that was accepted. */
  #accepted: Uint8Array = encodePayload(1);

  constructor(seed: number) {
    this.#draw = drawing(seed);
    this.#mutator = new Mutator(this.#draw, corpus(seed));
  }

  next(): Uint8Array {
    return this.#mutator.mutated(this.#mutator.one());
  }

  take(payload: Uint8Array): void {
    decodesTheSame(payload);
    refers(payload);
    if (!isAccepted(payload)) return;
    outcome(() => numberOf(payload));
    outcome(() => coercePayload('i32', payload));
    outcome(() => fieldOf(payload, 'a.0'));
    keepsItsValue(payload);
    this.#compare(payload, this.#accepted);
    this.#accepted = payload;
  }

  #compare(one: Uint8Array, other: Uint8Array): void {
    const equal = equalPayloads(one, other);
    demand(equal === equalPayloads(other, one), 'equality depends on the order');
    demand(equal === (canonical(one) === canonical(other)), 'equality differs from canonical forms');
    const [a, b] = [sortKey(one), sortKey(other)];
    demand(Math.sign(compareKeys(a, b)) === -Math.sign(compareKeys(b, a)), 'the order of two values depends on which comes first');
  }
}

function corpus(seed: number): Uint8Array[] {
  const sample = (arbitrary: fc.Arbitrary<unknown>): unknown[] => fc.sample(arbitrary, { numRuns: VALUES, seed });
  const values = [...sample(graph), ...sample(tree.filter((value) => value !== undefined))];
  const named = values.map((value, index) => [value, shared(NAMES[index % NAMES.length]!), { again: value }]);
  const payloads = [...values, ...named, new AnyMessage('type/a.B', Buffer.of(8, 1)), shared(NAMES[0]!)].map(encodePayload);
  return [...payloads, ...payloads.map((payload) => toJsonPayload(payload) as Uint8Array)].filter(({ length }) => length <= MOST_BYTES);
}

/** The SDK reads no payload that the manager refuses. */
function decodesTheSame(payload: Uint8Array): void {
  const decoded = outcome(() => [decodePayload(payload, { freeze: true })]);
  const opaque = outcome(() => decodeOpaque(payload));
  demand(decoded === undefined || opaque !== undefined, 'the SDK reads a payload that the manager refuses');
}

function refers(payload: Uint8Array): void {
  const references = referencesIn(payload);
  demand(references.length === 0 || mayRefer(payload), 'a payload has references, and may have none');
  outcome(() => withoutAddresses(payload, () => true));
}

function isAccepted(payload: Uint8Array): boolean {
  return outcome(() => (assertReadable(payload), true)) ?? false;
}

/** A payload that the manager has accepted can be read, compared, sorted and shown, and has the same value in each of its forms. */
function keepsItsValue(payload: Uint8Array): void {
  const { value } = decodeOpaque(payload);
  const form = canonical(payload);
  demand(canonical(Buffer.from(payload).toString('latin1')) === form, 'a payload as text has another value');
  const again = outcome(() => encodePayload(value));
  demand(again === undefined || canonical(again) === form, 'a payload that is encoded again has another value');
  const json = toJsonPayload(payload);
  demand(json.length <= MOST_JSON_BYTES, `${payload.length} bytes are ${json.length} bytes of JSON`);
  decodeOpaque(json);
  demand(canonical(payloadFromJson(payloadToJson(payload), '$')) === form, 'a payload has another value after a dump');
}

/** Returns the result. Undefined if the bytes are refused by an error of the product. */
function outcome<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ManagerError) return undefined;
    throw error;
  }
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
