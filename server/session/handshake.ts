import { InvalidArgumentError, ProtocolError, SessionExpiredError, UnauthenticatedError, type ManagerError } from '../../proto/errors.js';
import type { Hello, Resume } from '../../proto/gen/commonhold/v1/session_wire.js';
import { LONGEST_LABEL } from '../../proto/session-stream.js';
import { PROTOCOL } from '../../proto/version.js';
import { readHello } from '../../proto/wire/frames.js';
import { Reader } from '../../proto/wire/reader.js';
import { MalformedError } from '../../proto/wire/values.js';
import type { ServedManager } from '../manager.js';
import type { Access } from '../access/tokens.js';
import { ServedSession } from './session.js';
import type { FrameEvents, FrameStream, LiveSession } from './stream.js';

/** Milliseconds within which the first message of a stream has to arrive. */
export const HELLO_MS = 10_000;

/**
 * One stream of a client: reads the hello in its first frame, and opens a session or resumes the one that the hello names. All events of the
 * stream go to its session, until another stream takes that over.
 */
export class Handshake implements FrameEvents {
  readonly #timer: NodeJS.Timeout;
  #session: LiveSession | undefined;
  #over = false;

  constructor(
    readonly stream: FrameStream,
    readonly manager: ServedManager,
    private readonly access: Access,
  ) {
    this.#timer = setTimeout(() => this.refuse(new ProtocolError('no hello came: the first frame must carry one')), HELLO_MS);
  }

  frame(frame: Buffer): void {
    if (this.#session !== undefined) this.#session.frame(frame, this.stream);
    else if (!this.#over) this.#greet(frame);
  }

  #greet(frame: Buffer): void {
    let hello: Hello | undefined;
    try {
      hello = readHello(new Reader(), frame);
      if (hello === undefined) throw new MalformedError('a call before the hello');
    } catch (error) {
      return this.refuse(new ProtocolError(`malformed frame: ${(error as Error).message}`));
    }
    // The token may be gone since the stream was opened.
    const withdrawn = this.manager.tokens.includes(this.access) ? undefined : new UnauthenticatedError('its token is not valid any more');
    const refusal = refusalOf(hello) ?? withdrawn ?? this.manager.refusal;
    if (refusal !== undefined) return this.refuse(refusal);
    clearTimeout(this.#timer);
    if (hello.resume === undefined) this.#open(hello, frame);
    else this.#resume(hello.resume);
  }

  #open(hello: Hello, frame: Buffer): void {
    const refusal = this.manager.sessionPlaces.refusal();
    if (refusal === undefined) this.#session = ServedSession.open(this.stream, this.manager, this.access, hello, frame);
    else this.refuse(refusal);
  }

  #resume(resume: Resume): void {
    const session = this.manager.sessions.get(resume.sessionId);
    if (session?.resume(this.stream, resume, this.access) === true) this.#session = session;
    else this.refuse(new SessionExpiredError('the session has ended, or its token or secret is another'));
  }

  writable(): void {
    this.#session?.writable(this.stream);
  }

  ended(finish?: () => void): void {
    this.#over = true;
    clearTimeout(this.#timer);
    if (this.#session === undefined) finish?.();
    else this.#session.detached(this.stream, finish);
  }

  refuse(error: ManagerError): void {
    this.#session?.refuse(error, this.stream);
    this.ended();
    this.stream.fail(error);
  }
}

function refusalOf({ protocol, label, host, hostId }: Hello): ManagerError | undefined {
  if (protocol !== PROTOCOL) {
    const versions = `this manager speaks protocol ${PROTOCOL}, the client ${protocol}`;
    return new ProtocolError(`${versions}: use versions of the same release`);
  }
  // Limited because they are kept for the session and shown with every hold.
  for (const [what, text] of [
    ['label', label],
    ['host', host],
    ['host id', hostId],
  ] as const) {
    if (text.length > LONGEST_LABEL)
      return new InvalidArgumentError(`a ${what} of ${text.length} characters: give at most ${LONGEST_LABEL}`);
  }
  return undefined;
}
