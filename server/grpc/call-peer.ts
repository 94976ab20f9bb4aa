import { constants, type ServerHttp2Stream } from 'node:http2';
import { isCrumbled } from '../../proto/wire/framing.js';
import { ReadProgress, type Peer } from '../in-flight.js';
import type { ServedManager } from '../manager.js';

/** Bytes that grpc-js takes for each chunk of a message that is not complete. */
const CHUNK_BYTES = 128;

/** Counts the bytes of a call, until it is over, among those on their way. */
export function watchCall(manager: ServedManager, stream: ServerHttp2Stream): void {
  const peer = new CallPeer(stream);
  manager.streams.add(peer);
  stream.on('data', ({ length }: Buffer) => {
    peer.take(length);
    manager.inFlight.moved(length + CHUNK_BYTES);
  });
  stream.once('close', () => manager.streams.delete(peer));
}

/** A call of a general client: the library keeps its request until it is complete, and its answer until it is read. */
class CallPeer implements Peer {
  #pieces = 0;
  #bytes = 0;
  readonly #progress = new ReadProgress();

  constructor(private readonly stream: ServerHttp2Stream) {}

  take(bytes: number): void {
    this.#bytes += bytes;
    if (isCrumbled(++this.#pieces, this.#bytes)) this.cutOff();
  }

  get inFlight(): number {
    return this.#bytes + this.#pieces * CHUNK_BYTES + this.stream.writableLength;
  }

  get lastRead(): number {
    return this.#progress.look(this.inFlight);
  }

  cutOff(): void {
    this.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
