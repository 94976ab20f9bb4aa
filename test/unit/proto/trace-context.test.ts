import { expect, test } from '@jest/globals';
import { decodeTraceContext, encodeTraceContext, parseTraceparent } from '../../../proto/trace-context.js';

const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 };

test('a trace context is 25 bytes in a frame, and read back', () => {
  const bytes = encodeTraceContext(context);
  expect(bytes.toString('hex')).toBe('0af7651916cd43dd8448eb211c80319cb7ad6b716920333101');
  expect(decodeTraceContext(bytes)).toEqual(context);
  expect(decodeTraceContext(bytes.subarray(1))).toBeUndefined();
  expect(decodeTraceContext(Buffer.alloc(0))).toBeUndefined();
});

test('a header is read in this and later versions, and anything else is none', () => {
  const header = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  expect(parseTraceparent(header)).toEqual(context);
  expect(parseTraceparent(`cc${header.slice(2)}-later`)).toEqual(context);
  expect(parseTraceparent(header.toUpperCase())).toBeUndefined();
  for (const wrong of ['', '00-1-2-01', `${header}x`, header.slice(1)]) expect(parseTraceparent(wrong)).toBeUndefined();
});
