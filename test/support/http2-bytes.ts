// Frames of HTTP/2 (RFC 9113) by hand, so that a test can send frames that no library sends.

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 1;
export const END_HEADERS = 4;

/** One frame. */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** A SETTINGS frame; its entries are id and value. */
export function settings(entries: readonly (readonly [number, number])[] = []): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  entries.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

/** A HEADERS frame that opens a stream: the fields are literals, in no table (RFC 7541, 6.2.2). */
export function headers(streamId: number, fields: readonly (readonly [string, string])[], flags: number = END_HEADERS): Buffer {
  const block = fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]);
  return frame(FrameType.HEADERS, flags, streamId, Buffer.concat(block));
}

/** A string of HPACK: its length in 7 bits and more, then its bytes. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const length: number[] = [];
  let rest = bytes.length;
  if (rest < 127) return Buffer.concat([Buffer.of(rest), bytes]);
  for (rest -= 127; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.of(127, ...length, rest), bytes]);
}

/** A RST_STREAM frame. */
export function reset(streamId: number, code = 8): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frame(FrameType.RST_STREAM, 0, streamId, payload);
}
