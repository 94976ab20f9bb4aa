import type { ErrorCode, ManagerError } from '../../proto/errors.js';
import type { SlowCall } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage } from '../../proto/wire/message.js';
import type { LogFields, Logger } from './logger.js';
import { Histogram } from './histogram.js';
import { SlowCalls } from './slow-calls.js';

/** Bounds of the times of calls, in milliseconds. */
const TIMES_MS: readonly number[] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50, 100, 500, 1_000, 5_000];
/** Bounds of the sizes of headers, in bytes. nghttp2 takes 64 KiB at most. */
const HEADER_BYTES: readonly number[] = [256, 512, 1_024, 4_096, 16_384, 65_536];

/** Codes of calls that a limit refused. */
const LIMITS: ReadonlySet<ErrorCode> = new Set(['LIMIT_EXCEEDED', 'OUT_OF_MEMORY', 'PAYLOAD_TOO_LARGE']);

/** The client of a call. */
export type CallOrigin = Pick<SlowCall, 'sessionId' | 'label' | 'token'>;

/** Returns the fields of a client for a log. */
export function fieldsOf({ sessionId: session, label, token }: CallOrigin): LogFields {
  return { session: session || undefined, label, token };
}

/** A method that was called. */
export interface CalledMethod {
  /** Full name of its service. */
  readonly service: string;
  /** Its name in the service. */
  readonly method: string;
  /** Times of its calls, in milliseconds. */
  readonly times: Histogram;
}

/**
 * Counts calls by their methods and times, and failures by their codes. A time is that in which a call keeps the manager busy: from its request to
 * its answer, or until it waits, with everything else that it sets off, such as the answers of calls that waited for it.
 */
export class CallRecords {
  readonly slow = new SlowCalls();
  /** Number of failed calls by their codes. */
  readonly failures = new Map<ErrorCode, number>();
  /** Bytes of requests, of frames and unary. */
  received = 0;
  /** Bytes of answers. */
  sent = 0;
  /** Sizes of the headers of streams, in bytes, as HTTP/2 counts them. */
  readonly headers = new Histogram(HEADER_BYTES);
  /** By the index of the method. */
  readonly #times: readonly Histogram[];

  constructor(
    private readonly methods: readonly Method[],
    /** Milliseconds from which a call is slow. */
    private readonly slowMs: number,
    private readonly logger: Logger,
  ) {
    this.#times = methods.map(() => new Histogram(TIMES_MS));
  }

  /** Counts a call. Returns true if it was slow. */
  took(method: number, ms: number): boolean {
    this.#times[method]!.add(ms);
    return ms >= this.slowMs;
  }

  /** Keeps a slow call, and tells of it. */
  wasSlow(method: number, ms: number, request: Uint8Array, caller: CallOrigin): void {
    const { name } = this.methods[method]!;
    const object = objectOf(this.methods[method]!, request);
    const tookMs = Math.round(ms * 1_000) / 1_000;
    this.slow.add({ tookMs, method: name, object, requestBytes: request.length, ...caller });
    this.logger.often('a call took long', { method: name, object, ms: tookMs, bytes: request.length, ...fieldsOf(caller) });
  }

  /** A call failed. */
  failed(error: ManagerError, caller: CallOrigin): void {
    this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
    const event = error.code === 'DEADLOCK' ? 'a deadlock was found' : LIMITS.has(error.code) ? 'a limit refused a call' : undefined;
    if (event !== undefined) this.logger.often(event, { reason: error.message, method: error.method, ...fieldsOf(caller) });
  }

  /** The methods that were called. */
  *methodsCalled(): Generator<CalledMethod> {
    for (const [index, times] of this.#times.entries()) {
      const [service, method] = this.methods[index]!.name.split('/') as [string, string];
      if (times.count > 0) yield { service, method, times };
    }
  }
}

/** Returns the name of the object that a request names; empty if it names none, or is malformed. */
function objectOf({ input }: Method, request: Uint8Array): string {
  try {
    return (decodeMessage(input, request) as { readonly name?: string }).name ?? '';
  } catch {
    return '';
  }
}
