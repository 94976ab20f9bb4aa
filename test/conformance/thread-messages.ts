import type { MessagePort } from 'node:worker_threads';
import type { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import type { Warning } from '../../proto/gen/commonhold/v1/session_wire.js';

/** Messages of a client to the thread that makes its calls. */
export type Request =
  | { readonly id: number; readonly method: string; readonly request: Uint8Array; readonly open: Uint8Array | undefined }
  | { readonly cancel: number }
  | { readonly taken: number; readonly count: number | undefined };

/** Messages of that thread to the client. */
export type Reply =
  | { readonly id: number; readonly response: Uint8Array }
  | { readonly id: number; readonly error: WireError }
  | { readonly lost: number }
  | { readonly warning: Warning };

/** A client to serve until its port is closed. */
export interface Visit {
  readonly sessionId: string;
  readonly port: MessagePort;
}
