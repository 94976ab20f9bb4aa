import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeptFrames, ReceivedFrames } from '../../../proto/wire/kept-frames.js';
import { MalformedError } from '../../../proto/wire/values.js';

const TOLD_BYTES = 64 * 1024;

/** One step of the sender: it sends a frame of some bytes, or hears how many of the kept ones have arrived, as a part of them. */
const steps = fc.array(
  fc.oneof(
    fc.record({ bytes: fc.nat(300) }),
    fc.record({ received: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ repeats: fc.integer({ min: 50, max: 400 }) }),
  ),
  { maxLength: 60 },
);

test('kept frames are all those after the received ones, in order', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const kept = new KeptFrames<{ readonly bytes: Buffer }>();
      const sent: { readonly bytes: Buffer }[] = [];
      let received = 0;
      const add = (bytes: number): void => {
        const frame = { bytes: Buffer.alloc(bytes) };
        sent.push(frame);
        kept.add(frame);
      };
      for (const step of history) {
        if ('bytes' in step) add(step.bytes);
        else if ('repeats' in step) for (let turn = 0; turn < step.repeats; turn++) add(turn % 7);
        else kept.received((received += Math.floor(step.received * (sent.length - received))));
        const left = sent.slice(received);
        const all = [...kept];
        expect(all.length === left.length && all.every((frame, index) => frame === left[index])).toBe(true);
        expect(kept.length).toBe(left.length);
        expect(kept.bytes).toBe(left.reduce((sum, { bytes }) => sum + bytes.length, 0));
      }
      // An old number says nothing new, and a number that is too large changes nothing.
      kept.received(Math.floor(received / 2));
      expect(() => kept.received(sent.length + 1)).toThrow(MalformedError);
      expect(kept.length).toBe(sent.length - received);
    }),
  );
});

test('received frames are counted, each number is told once, and soon after 64 KiB', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(40_000), fc.constant('tell' as const)), { maxLength: 100 }), (history) => {
      const frames = new ReceivedFrames();
      let [count, told, untold] = [0, 0, 0];
      for (const step of history) {
        if (step === 'tell') {
          expect(frames.news()).toBe(told === count ? undefined : count);
          if (told !== count) untold = 0;
          told = count;
        } else {
          count++;
          untold += step;
          expect(frames.add(step)).toBe(untold >= TOLD_BYTES);
        }
        expect(frames.count).toBe(count);
      }
    }),
  );
});
