import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DictServiceGetRequest } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { ConnectRequestSchema, ConnectResponseSchema } from '../../../proto/gen/commonhold/v1/session_pb.js';
import { MalformedError } from '../../../proto/wire/values.js';
import * as frames from '../../../proto/wire/frames.js';
import { Deframer, PREFIX_BYTES, writePrefix } from '../../../proto/wire/framing.js';
import { Reader } from '../../../proto/wire/reader.js';
import { Writer } from '../../../proto/wire/writer.js';
import { stress } from '../../support/stress.js';

const resume = { sessionId: 's', secret: 'hush', received: 2 ** 40, attempt: 3 };
const hello = {
  protocol: 1,
  host: 'here',
  pid: 7,
  label: 'test',
  thread: 8,
  threadStart: 9,
  leaseMs: 10,
  heartbeats: true,
  early: true,
  resume,
  hostId: 'h',
};

/** The parts of a client's frame in the order in which a manager sees them. */
function visitClient(bytes: Uint8Array): unknown[] {
  const seen: unknown[] = [];
  const visitor: frames.ClientFrameVisitor = {
    full: false,
    hello: () => seen.push(['hello', frames.readHello(new Reader(), Buffer.from(bytes))]),
    received: (count) => seen.push(['received', count]),
    call: (id, method, ...spans) => {
      const texts = [spans[0], spans[1], spans[2]].map((span) => (span.begin < 0 ? undefined : text(bytes, span)));
      seen.push(['call', id, method, ...texts]);
    },
    cancel: (id) => seen.push(['cancel', id]),
    taken: (value) => seen.push(['taken', value]),
    goodbye: () => seen.push(['goodbye']),
  };
  expect(new frames.ClientFrames(new Reader(), visitor).read(Buffer.from(bytes))).toBe(true);
  return seen;
}

const text = (bytes: Uint8Array, { begin, end }: frames.Span): string => Buffer.from(bytes.subarray(begin, end)).toString('hex');

describe("a client's frame", () => {
  it('is a ConnectRequest to any protobuf library', () => {
    const w = new Writer();
    frames.writeHello(w, hello);
    frames.writeCall(w, 300, 2, DictServiceGetRequest, { name: 'd', key: 'k' });
    frames.writeCall(w, 301, 2, DictServiceGetRequest, { name: 'd', key: 'k' }, undefined, Uint8Array.of(8, 7));
    frames.writeCancel(w, 5);
    frames.writeTaken(w, { id: 6, count: 2 });
    frames.writeClientReceived(w, 2 ** 33);
    frames.writeGoodbye(w);
    const read = fromBinary(ConnectRequestSchema, w.take());
    expect(read).toMatchObject({ cancels: [5], taken: [{ id: 6, count: 2 }], received: 2n ** 33n, goodbye: true });
    expect(read.hello).toMatchObject({ ...hello, threadStart: 9n, resume: { ...resume, received: 2n ** 40n } });
    expect(read.calls).toMatchObject([
      { id: 300, method: 2 },
      { id: 301, method: 2, traceContext: Uint8Array.of(8, 7) },
    ]);
    expect(read.calls.map(({ open }) => open)).toEqual([undefined, undefined]);
    expect(read.calls[0]!.traceContext).toBeUndefined();
  });

  it('is read as any protobuf library writes it', () => {
    const frame = create(ConnectRequestSchema, {
      hello: { ...hello, threadStart: 9n, resume: { ...resume, received: 2n ** 40n } },
      calls: [
        { id: 1, method: 0, request: Uint8Array.of(1, 2) },
        { id: 2, method: 500, request: new Uint8Array(), open: Uint8Array.of(9), traceContext: Uint8Array.of(8, 7) },
      ],
      cancels: [3, 400],
      taken: [{ id: 4 }],
      received: 2n ** 33n,
      goodbye: true,
    });
    expect(visitClient(toBinary(ConnectRequestSchema, frame))).toEqual([
      ['hello', hello],
      ['taken', { id: 4, count: undefined }],
      ['received', 2 ** 33],
      ['cancel', 3],
      ['cancel', 400],
      ['call', 1, 0, '0102', undefined, undefined],
      ['call', 2, 500, '', '09', '0807'],
      ['goodbye'],
    ]);
  });

  it('is read acknowledgements first, then cancels, calls and the goodbye, in whatever order they were written', () => {
    const part = (init: MessageInitShape<typeof ConnectRequestSchema>): Uint8Array =>
      toBinary(ConnectRequestSchema, create(ConnectRequestSchema, init));
    const parts = [
      part({ goodbye: true }),
      part({ calls: [{ id: 1 }] }),
      part({ cancels: [2] }),
      part({ calls: [{ id: 3 }] }),
      part({ taken: [{ id: 4 }] }),
      Uint8Array.of(24, 5),
      part({ taken: [{ id: 6, count: 7 }] }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), (shuffled) => {
        const words = visitClient(Buffer.concat(shuffled)).map((visit) => (visit as [string])[0]);
        expect(words).toEqual(['taken', 'taken', 'cancel', 'cancel', 'call', 'call', 'goodbye']);
      }),
    );
  });

  it('is read until its visitor is full, and from there later', () => {
    const calls = [1, 2, 3].map((id) => ({ id }));
    const frame = Buffer.from(toBinary(ConnectRequestSchema, create(ConnectRequestSchema, { calls, taken: [{ id: 4 }], goodbye: true })));
    const seen: unknown[] = [];
    const visitor = {
      full: false,
      hello: () => {},
      received: () => {},
      taken: ({ id }: { id: number }) => seen.push(['taken', id]),
      cancel: () => {},
      call(id: number) {
        seen.push(id);
        this.full = true;
      },
      goodbye: () => seen.push('goodbye'),
    };
    const reading = new frames.ClientFrames(new Reader(), visitor);
    for (const worked of [false, false, true]) {
      visitor.full = false;
      expect(reading.read(frame)).toBe(worked);
      seen.push('rest');
    }
    expect(seen).toEqual([['taken', 4], 1, 'rest', 2, 'rest', 3, 'goodbye', 'rest']);
  });

  it('that is malformed in its last bytes is refused before its first call', () => {
    const frame = toBinary(ConnectRequestSchema, create(ConnectRequestSchema, { calls: [{ id: 1 }], cancels: [2] }));
    const seen: unknown[] = [];
    const see = (id: unknown): unknown => seen.push(id);
    const visitor = {
      full: false,
      hello: () => see('hello'),
      received: () => {},
      taken: see,
      cancel: see,
      call: see,
      goodbye: () => see('goodbye'),
    };
    expect(() => new frames.ClientFrames(new Reader(), visitor).read(Buffer.concat([frame, Buffer.of(0x12, 0xff)]))).toThrow(
      MalformedError,
    );
    expect(seen).toEqual([]);
  });

  it('that is garbage is malformed, without other effects', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          visitClient(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      { numRuns: stress(1000, 5000) },
    );
  });
});

describe("a manager's frame", () => {
  it('is a ConnectResponse to any protobuf library', () => {
    const w = new Writer();
    const welcome = {
      protocol: 1,
      sessionId: 's',
      version: 'v',
      maxMessageBytes: 9,
      maxCalls: 8,
      methods: ['a', 'b'],
      secret: 'hush',
      leaseMs: 7,
      remote: true,
      durable: true,
      early: true,
    };
    frames.writeWelcome(w, { ...welcome, resumed: 2 ** 35 });
    frames.writeServerReceived(w, 2 ** 34);
    frames.writeEarly(w);
    frames.writeAnswer(w, 1, DictServiceGetRequest, { name: 'n', key: true });
    frames.writeFailure(w, 2, { code: 9, message: 'empty', object: 'q', method: 'm', retryable: true, mayHaveExecuted: false });
    frames.writeNotice(w, { lostToken: 2 ** 50 });
    const step = { object: 'x', sessionId: 's', label: 'l', pid: 7, owner: 'o' };
    frames.writeNotice(w, { warning: { suspectedDeadlock: { cycle: [step] } } });
    const read = fromBinary(ConnectResponseSchema, w.take());
    expect(read).toMatchObject({ welcome: { ...welcome, resumed: 2n ** 35n }, received: 2n ** 34n, early: true });
    expect(read.answers.map(({ id, outcome }) => [id, outcome.case])).toEqual([
      [1, 'response'],
      [2, 'error'],
    ]);
    expect(read.answers[1]!.outcome.value).toMatchObject({ code: 9, message: 'empty', retryable: true });
    expect(read.notices).toMatchObject([
      { kind: { case: 'lostToken', value: 2n ** 50n } },
      { kind: { case: 'warning', value: { kind: { case: 'suspectedDeadlock', value: { cycle: [step] } } } } },
    ]);
  });

  it('is read with its answers in order', () => {
    const w = new Writer();
    for (let id = 1; id < 500; id++) frames.writeAnswer(w, id, DictServiceGetRequest, { name: 'x'.repeat(id), key: id });
    const reader = new Reader();
    const names: number[] = [];
    frames.readServerFrame(reader, reader.reset(w.take()), {
      received: () => expect(true).toBe(false),
      answer: (id, span) => names.push(frames.readSpan(reader, DictServiceGetRequest, span).name.length - id),
      failure: () => expect(true).toBe(false),
      notice: () => expect(true).toBe(false),
    });
    expect(names).toEqual(new Array(499).fill(0));
  });
});

describe('messages in a stream of chunks', () => {
  const message = (content: Uint8Array): Buffer => {
    const framed = Buffer.concat([Buffer.alloc(PREFIX_BYTES), content]);
    writePrefix(framed);
    return framed;
  };

  it('come out whole and in order, however the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (contents, cuts) => {
          const got: Buffer[] = [];
          const deframer = new Deframer((one) => got.push(Buffer.from(one)));
          const stream = Buffer.concat(contents.map(message));
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const end = at + cuts[turn % cuts.length]!;
            deframer.push(stream.subarray(at, end));
            at = end;
          }
          expect(got).toEqual(contents.map((content) => Buffer.from(content)));
        },
      ),
    );
  });

  it('beyond the limit or compressed are malformed', () => {
    const deframer = new Deframer(() => {}, 10);
    expect(() => deframer.push(message(new Uint8Array(11)))).toThrow(MalformedError);
    expect(() => new Deframer(() => {}).push(Buffer.of(1, 0, 0, 0, 0))).toThrow(MalformedError);
  });
});
