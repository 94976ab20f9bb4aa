import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { ClientHttp2Session } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';
import {
  ConnectRequestSchema,
  ConnectResponseSchema,
  type HelloSchema,
  type Answer,
  type ConnectResponse,
  type Welcome,
} from 'commonhold/proto';
import { connectHttp2, framed, RawCall, type Ending, type Face } from './grpc.js';

export const PROTOCOL = 1;

type Frame = MessageInitShape<typeof ConnectRequestSchema>;

/** Identity of a session. */
export interface RawOptions {
  readonly face?: Face;
  readonly token?: string;
  /** Certificates of a connection over TLS, in PEM. */
  readonly tls?: SecureContextOptions;
  /** Fields of the hello beside the common ones. */
  readonly hello?: MessageInitShape<typeof HelloSchema>;
}

/** A session stream by hand: any frames, in any order. */
export class RawSession implements AsyncDisposable {
  readonly #call: RawCall;
  readonly #answers = new Map<number, Answer>();
  #methods: readonly string[] = [];

  private constructor(
    readonly connection: ClientHttp2Session,
    token: string | undefined,
  ) {
    this.#call = new RawCall(connection, 'commonhold.v1.SessionService/Connect', token);
  }

  /** A stream without a hello. */
  static silent(address: string, { face, token, tls }: RawOptions = {}): RawSession {
    return new RawSession(connectHttp2(address, face, tls), token);
  }

  /** A session after its welcome. */
  static async open(address: string, options?: RawOptions): Promise<RawSession & { welcome: Welcome }> {
    const session = RawSession.silent(address, options);
    session.send({ hello: { protocol: PROTOCOL, host: 'raw', pid: process.pid, label: 'raw', ...options?.hello } });
    const welcome = (await session.receive())?.welcome;
    if (welcome === undefined) throw new Error(`no welcome: ${JSON.stringify(await session.ended)}`);
    session.#methods = welcome.methods;
    return Object.assign(session, { welcome });
  }

  /** Resolves with the end of the stream. */
  get ended(): Promise<Ending> {
    return this.#call.ended;
  }

  get stream(): RawCall['stream'] {
    return this.#call.stream;
  }

  /** Index of a method, as the welcome lists it. */
  index(method: string): number {
    const index = this.#methods.indexOf(`commonhold.v1.${method}`);
    if (index < 0) throw new Error(`no method ${method}`);
    return index;
  }

  send(frame: Frame): void {
    this.sendMessage(toBinary(ConnectRequestSchema, create(ConnectRequestSchema, frame)));
  }

  /** Sends a frame, and further bytes of the same message. */
  sendParts(frame: Frame, rest: Uint8Array): void {
    this.sendMessage(Buffer.concat([toBinary(ConnectRequestSchema, create(ConnectRequestSchema, frame)), rest]));
  }

  /** Sends a gRPC message that may be no frame. */
  sendMessage(message: Uint8Array): void {
    this.sendBytes(framed(message));
  }

  /** Sends bytes that may be no gRPC message. */
  sendBytes(bytes: Uint8Array): void {
    this.#call.stream.write(bytes);
  }

  /** The manager's next frame; undefined at the end of the stream. */
  async receive(): Promise<ConnectResponse | undefined> {
    const message = await this.#call.message();
    return message && fromBinary(ConnectResponseSchema, message);
  }

  /** The answer to a call. */
  async answer(id: number): Promise<Answer> {
    for (;;) {
      const answer = this.#answers.get(id);
      if (answer) return answer;
      const frame = await this.receive();
      if (!frame) throw new Error(`the session ended: ${JSON.stringify(await this.ended)}`);
      for (const one of frame.answers) this.#answers.set(one.id, one);
    }
  }

  /** The next answer to a call whose id is used more than once. */
  async nextAnswer(id: number): Promise<Answer> {
    const answer = await this.answer(id);
    this.#answers.delete(id);
    return answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.connection.destroy();
    return Promise.resolve();
  }
}
