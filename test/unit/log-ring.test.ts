import { expect, test } from '@jest/globals';
import { ENTRY_ORDER, ENTRY_RECORD, createRing, LARGEST_IN_RING, RingConsumer, RingProducer } from '../../server/log/segments/ring.js';
import { RECORD_HEADER } from '../../server/log/segments/format.js';
import { stress } from '../support/stress.js';

/** Lengths of records, in no order. */
function* lengths(): Generator<number> {
  for (let n = 1; ; n = (n * 48_271) % 2_147_483_647) yield n % (n % 3 === 0 ? LARGEST_IN_RING : 500);
}

test('a ring hands on all entries in order, however often it is full and however many bytes have passed', () => {
  const memory = createRing();
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory);
  const record = new Uint8Array(LARGEST_IN_RING);
  const expected: number[] = [];
  // In full, more bytes than its counts can tell.
  const total = stress(2 ** 26, 2 ** 32 + 2 ** 26);
  let [bytes, count] = [0, 0];
  const take = (): void => {
    const { head } = consumer;
    while (consumer.advance(head)) {
      const length = expected.shift()!;
      expect([consumer.kind, consumer.length]).toEqual([length < 0 ? ENTRY_ORDER : ENTRY_RECORD, Math.max(0, length)]);
      if (length > 0) expect(consumer.bytes[consumer.at + RECORD_HEADER + length - 1]).toBe(count % 251);
      count++;
    }
    consumer.release();
  };
  let number = 0;
  for (const length of lengths()) {
    if (bytes > total) break;
    const isOrder = length % 50 === 0;
    record[length - 1] = number++ % 251;
    const put = (): boolean => (isOrder ? producer.putMessage(ENTRY_ORDER, () => {}) : producer.putRecord(record.subarray(0, length)));
    if (!put()) {
      take();
      expect(put()).toBe(true);
    }
    expected.push(isOrder ? -1 : length);
    bytes += length + RECORD_HEADER;
  }
  take();
  expect([expected.length, count]).toEqual([0, number]);
});
