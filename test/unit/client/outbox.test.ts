import { beforeEach, describe, expect, test } from '@jest/globals';
import { Outbox } from '../../../client/connect/transport/outbox.js';
import type { SessionLink } from '../../../client/connect/transport/session-link.js';
import { SessionExpiredError } from '../../../proto/errors.js';
import { ReceivedFrames } from '../../../proto/wire/kept-frames.js';

// Frames on a connection that this file breaks where it likes, which no socket allows.

/** A frame that was written, whose connection says later that it was sent, or that it is broken. */
type Written = (error?: Error) => void;

const BROKEN = new Error('the connection is broken');

let written: Written[];
let told: string[];
let outbox: Outbox;

beforeEach(() => {
  [written, told] = [[], []];
  const write = (_bytes: Buffer, sent: Written = () => {}): boolean => written.push(sent) > 0;
  outbox = new Outbox({ whole: true, lease: {}, received: new ReceivedFrames(), write } as unknown as SessionLink);
});

/** Acknowledges an answer in a frame of its own. */
function acknowledge(id: number): void {
  outbox.taken(id, (lost) => told.push(lost ? `${id} lost` : `${id} sent`));
  outbox.flush();
}

function breaks(): void {
  outbox.cut();
  for (const each of written.splice(0)) each(BROKEN);
}

describe('an acknowledgement is told to be sent, once', () => {
  test('when the connection has it', () => {
    acknowledge(1);
    expect(told).toEqual([]);
    written[0]!();
    outbox.received(1);
    expect(told).toEqual(['1 sent']);
  });

  test('when it had arrived, although the connection broke before it said so', () => {
    acknowledge(1);
    acknowledge(2);
    breaks();
    outbox.resume(1);
    expect(told).toEqual(['1 sent']);
    written[0]!();
    expect(told).toEqual(['1 sent', '2 sent']);
  });

  test('when the next connection has it', () => {
    acknowledge(1);
    breaks();
    expect(told).toEqual([]);
    outbox.resume(0);
    written[0]!();
    expect(told).toEqual(['1 sent']);
  });
});

test('an acknowledgement is told to be lost when its session ends', () => {
  acknowledge(1);
  breaks();
  outbox.end(new SessionExpiredError('the lease is over'));
  expect(told).toEqual(['1 lost']);
});
