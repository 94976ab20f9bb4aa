// The trace of which a call is part, by W3C Trace Context: as text in the header `traceparent`, as 25 bytes in a frame.

/** A span in a trace. */
export interface TraceContext {
  /** 32 digits of a hexadecimal number. */
  readonly traceId: string;
  /** 16 digits of a hexadecimal number. */
  readonly spanId: string;
  /** The lowest bit is set if the trace is recorded. */
  readonly flags: number;
}

const TRACE_BYTES = 16;
const BYTES = 25;
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-|$)/;

export function encodeTraceContext({ traceId, spanId, flags }: TraceContext): Buffer {
  const bytes = Buffer.alloc(BYTES);
  bytes.write(traceId + spanId, 'hex');
  bytes[BYTES - 1] = flags;
  return bytes;
}

/** Returns undefined for bytes that are no trace context. */
export function decodeTraceContext(bytes: Uint8Array): TraceContext | undefined {
  if (bytes.length !== BYTES) return undefined;
  const hex = Buffer.from(bytes.subarray(0, BYTES - 1)).toString('hex');
  return { traceId: hex.slice(0, 2 * TRACE_BYTES), spanId: hex.slice(2 * TRACE_BYTES), flags: bytes[BYTES - 1]! };
}

/** Reads the header `traceparent`. Returns undefined if it is none. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  return traceId === undefined ? undefined : { traceId, spanId: spanId!, flags: Number.parseInt(flags!, 16) };
}
