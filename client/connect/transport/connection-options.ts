import type { ManagerError, ManagerUnavailableError } from '../../../proto/errors.js';
import type { Warning } from '../../../proto/gen/commonhold/v1/session_wire.js';
import type { ClientOptions } from './session-link.js';

/** Adds to the error of a connection how its manager ended, if that is known. */
export type Explain = (reason: ManagerUnavailableError) => Promise<ManagerUnavailableError>;

/** The options of a client that its connection needs. */
export interface ConnectionOptions extends ClientOptions {
  readonly callTimeout: number;
  readonly explain?: Explain | undefined;
}

/** Events of a connection. */
export interface ConnectionEvents {
  lost(token: number): void;
  warned(warning: Warning): void;
  /** The values of an answer refer to these anonymous objects. */
  referred(names: readonly string[]): void;
  /** The manager does not respond: the connection broke, or it has been silent for seconds while calls are unanswered. */
  silent(reason: ManagerError): void;
  /** The manager responds again, in the same session. */
  heard(): void;
  ended(reason: ManagerError): void;
}
