import { writeHello } from '../../../proto/wire/frames.js';
import { Writer } from '../../../proto/wire/writer.js';
import { framed, type Face } from '../../support/grpc.js';
import { attacks, greeting, type Attack } from '../../support/hostile.js';
import { END_STREAM, frame, FrameType, headers, reset, settings } from '../../support/http2-bytes.js';
import { drawing, type Draw } from '../../support/random.js';
import { Mutator } from '../mutator.js';
import { validRequests, type Request } from '../requests.js';
import { Served } from '../served.js';
import type { Round, Target } from '../target.js';

/** Connections to a daemon in another process, with all that a client can write into them. */
export const target: Target = {
  inputs: 50,
  begin: async (seed) => new Http2Round(seed, await (served ??= Served.start(TOKEN))),
  close: async () => (await served)?.[Symbol.asyncDispose](),
};

const TOKEN = 'the secret of the fuzzer';
const FACES: readonly Face[] = ['grpc', 'sdk'];
const CONNECT = 'commonhold.v1.SessionService/Connect';
const HELLO = {
  protocol: 1,
  host: 'fuzz',
  hostId: '',
  pid: 1,
  label: '',
  thread: 0,
  threadStart: 0,
  leaseMs: 0,
  heartbeats: false,
  early: true,
  resume: undefined,
};

let served: Promise<Served> | undefined;

class Http2Round implements Round {
  readonly #draw: Draw;
  readonly #requests: readonly Request[];
  readonly #frames: Mutator;
  readonly #bytes: Mutator;
  readonly #attacks: readonly Attack[];

  constructor(
    seed: number,
    private readonly served: Served,
  ) {
    this.#draw = drawing(seed);
    this.#requests = validRequests(seed);
    this.#bytes = new Mutator(
      this.#draw,
      this.#requests.map(({ bytes }) => bytes),
    );
    this.#frames = new Mutator(this.#draw, [frame(FrameType.PING, 0, 0, Buffer.alloc(8)), settings([[4, 0]]), reset(1)]);
    this.#attacks = FACES.flatMap((face) => attacks(face, target.inputs, seed));
  }

  next(): Uint8Array {
    const draw = this.#draw;
    if (draw(4) === 0) return Buffer.concat(this.#attacks[draw(this.#attacks.length)]!.pieces);
    const begin = greeting(FACES[draw(FACES.length)]!);
    const connection = Buffer.concat([begin, ...this.#mixed(draw(2) === 0 ? this.#session() : this.#calls())]);
    return draw(4) === 0 ? this.#bytes.mutated(connection) : connection;
  }

  /** Frames of HTTP/2: some twice, some missing, some in another order, some changed. */
  #mixed(frames: readonly Buffer[]): Buffer[] {
    const draw = this.#draw;
    const mixed = frames.flatMap((each) => {
      switch (draw(12)) {
        case 0:
          return [];
        case 1:
          return [each, each];
        case 2:
          return [this.#frames.mutated(each)];
        case 3:
          return [each, Buffer.from(this.#frames.one())];
        default:
          return [each];
      }
    });
    if (draw(4) === 0) mixed.splice(draw(mixed.length + 1), 0, ...mixed.splice(draw(mixed.length + 1), 1));
    return mixed;
  }

  /** A stream of a session, with calls in its frames. */
  #session(): Buffer[] {
    const writer = new Writer();
    writeHello(writer, HELLO);
    const frames = Array.from({ length: this.#draw(4) }, (_, index) => {
      const { index: method, bytes } = this.#request();
      const at = writer.open(18);
      writer.uint32(8, index + 1);
      writer.uint32(16, method);
      writer.bytes(26, bytes);
      writer.close(at);
      return framed(writer.take());
    });
    return [this.#headers(1, CONNECT), ...frames.map((message) => frame(FrameType.DATA, 0, 1, message))];
  }

  /** Streams of unary calls. */
  #calls(): Buffer[] {
    return Array.from({ length: 1 + this.#draw(4) }, (_, index) => {
      const { method, bytes } = this.#request();
      const stream = 2 * index + 1;
      return [this.#headers(stream, method.name), frame(FrameType.DATA, END_STREAM, stream, framed(bytes))];
    }).flat();
  }

  #request(): Request {
    const request = this.#requests[this.#draw(this.#requests.length)]!;
    return this.#draw(2) === 0 ? request : { ...request, bytes: this.#bytes.mutated(request.bytes) };
  }

  /** Every fourth stream has no token. */
  #headers(stream: number, method: string): Buffer {
    return headers(stream, [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', `/${method}`],
      [':authority', 'a'],
      ['te', 'trailers'],
      ['content-type', 'application/grpc'],
      ...(this.#draw(4) === 0 ? [] : [['authorization', `Bearer ${TOKEN}`] as const]),
    ]);
  }

  take(input: Uint8Array): Promise<void> {
    return this.served.attack(input, this.#draw, 2_000);
  }

  end(): Promise<void> {
    return this.served.assertServes();
  }
}
