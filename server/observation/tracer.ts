import type { ManagerError } from '../../proto/errors.js';
import type { TraceContext } from '../../proto/trace-context.js';

/** Ends the span of a call, with the error if it failed. */
export type EndSpan = (error?: ManagerError) => void;

/** Makes spans of the calls that are parts of traces. */
export interface ServerTracer {
  /** Begins the span of a call. @param caller the span of the caller @param method full name of the method @param client address of the caller */
  begin(caller: TraceContext, method: string, client: string): EndSpan;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Bit of the flags of a trace that is recorded. */
const RECORDED = 1;

/** Begins the span of a call; undefined if no trace is recorded of which it is part. */
export function spanOf(
  tracer: ServerTracer | undefined,
  caller: TraceContext | undefined,
  method: string,
  client: string,
): EndSpan | undefined {
  if (tracer === undefined || caller === undefined || (caller.flags & RECORDED) === 0) return undefined;
  return tracer.begin(caller, method, client);
}
