import { Authority, tlsFlags } from '../../support/certificates.js';
import { Temporary } from '../../support/daemon.js';
import { greeting } from '../../support/hostile.js';
import { drawing, type Draw } from '../../support/random.js';
import { Mutator } from '../mutator.js';
import { Served } from '../served.js';
import type { Round, Target } from '../target.js';

/** Connections to a port with TLS of a daemon in another process: handshakes that were changed, and bytes that are none. */
export const target: Target = {
  inputs: 50,
  begin: async (seed) => new TlsRound(seed, await (served ??= start())),
  close: async () => {
    await (await served)?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  },
};

const TOKEN = 'the secret of the fuzzer';

const folder = new Temporary();
let served: Promise<Served> | undefined;

function start(): Promise<Served> {
  const authority = new Authority('the authority');
  return Served.start(TOKEN, tlsFlags(folder, authority.certify()), { ca: authority.cert });
}

/** Types of records (RFC 8446, 5.1). */
const [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA] = [20, 21, 22, 23];
/** Types of extensions (RFC 8446, 4.2; RFC 7301, 3.1). */
const EXTENSION = { serverName: 0, groups: 10, signatures: 13, protocols: 16, versions: 43, keyShare: 51 };
const X25519 = Buffer.of(0, 29);

/** Bytes behind their length, which has a number of bytes. */
function sized(lengthBytes: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
}

const record = (type: number, content: Buffer): Buffer => Buffer.concat([Buffer.of(type, 3, 1), sized(2, content)]);
const extension = (type: number, content: Buffer): Buffer => Buffer.concat([Buffer.of(0, type), sized(2, content)]);

/** The first message of a client that offers TLS 1.3 and 1.2, and HTTP/2 (RFC 8446, 4.1.2). */
function clientHello(): Buffer {
  const extensions = [
    extension(EXTENSION.serverName, sized(2, Buffer.of(0), sized(2, Buffer.from('localhost')))),
    extension(EXTENSION.groups, sized(2, X25519)),
    extension(EXTENSION.signatures, sized(2, Buffer.from('040308040401', 'hex'))),
    extension(EXTENSION.protocols, sized(2, sized(1, Buffer.from('h2')))),
    extension(EXTENSION.versions, sized(1, Buffer.from('03040303', 'hex'))),
    extension(EXTENSION.keyShare, sized(2, X25519, sized(2, Buffer.alloc(32, 9)))),
  ];
  const [random, session] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const ciphers = Buffer.from('130113021303c02bc02f', 'hex');
  const hello = [Buffer.of(3, 3), random, sized(1, session), sized(2, ciphers), sized(1, Buffer.of(0)), sized(2, ...extensions)];
  return Buffer.concat([Buffer.of(1), sized(3, ...hello)]);
}

/** Records that a client sends before and behind its hello. */
const RECORDS = [
  record(HANDSHAKE, clientHello()),
  record(CHANGE_CIPHER_SPEC, Buffer.of(1)),
  record(ALERT, Buffer.of(1, 0)),
  record(APPLICATION_DATA, Buffer.alloc(48, 7)),
  greeting('sdk'),
];

class TlsRound implements Round {
  readonly #draw: Draw;
  readonly #mutator: Mutator;

  constructor(
    seed: number,
    private readonly served: Served,
  ) {
    this.#draw = drawing(seed);
    this.#mutator = new Mutator(this.#draw, RECORDS);
  }

  /** Records, of which some are changed. Most connections begin with a hello. */
  next(): Uint8Array {
    const draw = this.#draw;
    const [hello] = RECORDS;
    const records = Array.from({ length: draw(4) }, () => this.#mutator.one());
    const connection = draw(6) === 0 ? records : [hello!, ...records];
    return Buffer.concat(connection.map((each) => (draw(2) === 0 ? each : this.#mutator.mutated(each))));
  }

  take(input: Uint8Array): Promise<void> {
    return this.served.attack(input, this.#draw, 400);
  }

  end(): Promise<void> {
    return this.served.assertServes();
  }
}
