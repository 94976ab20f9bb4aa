import type { ManagerError } from '../../../proto/errors.js';
import type { Method } from '../../../proto/wire/codec.js';
import { placed, rejected, type Site } from '../../call-site.js';
import type { CallOptions } from './transport.js';

/** A call whose id is in use. */
export interface Pending {
  /** True if it was answered or given up. */
  settled: boolean;
  /** Number of the frame that carries it. */
  readonly frame: number;
  readonly method: Method;
  readonly read: (response: unknown) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly options: CallOptions | undefined;
  /** Its call site, if captured. */
  readonly site: Site | undefined;
  /** Maximum wait in the manager, in milliseconds: 0 for a call that does not wait, undefined for no limit. */
  readonly timeoutMs: number | undefined;
  /** Sweep from which the call may be given up, if the manager has been silent for as many sweeps as its patience. */
  due: number;
  /** Set if its signal can abort. */
  onAbort: (() => void) | undefined;
}

/**
 * Fails a call with an error made in this process. Its stack shows the call site if captured, or else the functions that await the call.
 */
export function fail({ site, reject, resolve }: Pending, error: ManagerError): void {
  if (site === undefined) resolve(rejected(error));
  else reject(placed(error, site));
}
