import type { Delivery } from '../../client/objects/queue/delivery.js';
import type { Held } from '../../client/locking/held.js';
import type { Durability } from '../../server/log/options.js';
import type { Call } from '../simulation/history.js';

/** The order of a guest. */
export interface GuestOrder {
  readonly address: string;
  /** Place among all clients of its world. */
  readonly index: number;
  readonly seed: number;
  readonly deeds: readonly string[];
  readonly durability: Durability;
}

/** A line of a guest: a call begins, or has ended, or something happened that is promised never to happen. */
export type GuestTold =
  | ({ readonly id: number } & Pick<Call, 'object' | 'what' | 'args' | 'called'>)
  | ({ readonly id: number } & Pick<Call, 'outcome' | 'result' | 'returned'>)
  | { readonly violated: string };

/** Returns the line of something, with all of a result that checks look at. */
export function toLine(told: GuestTold): string {
  return `${JSON.stringify(told, (key, value: unknown) => {
    if (typeof value === 'bigint') return { bigint: String(value) };
    return key === 'result' && typeof value === 'object' ? partOf(value) : value;
  })}\n`;
}

function partOf(result: object | null): unknown {
  if (result === null || Array.isArray(result)) return result;
  if ('attempts' in result) return { value: (result as Delivery).value, attempts: (result as Delivery).attempts };
  return 'token' in result ? { token: (result as Held).token } : {};
}

/** Reads the complete lines of a guest. */
export function fromLines(text: string): GuestTold[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line, revive) as GuestTold);
}

function revive(_: string, value: unknown): unknown {
  const { bigint } = (value ?? {}) as { bigint?: unknown };
  return typeof bigint === 'string' ? BigInt(bigint) : value;
}
