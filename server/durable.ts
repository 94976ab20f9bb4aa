import { setTimeout as sleep } from 'node:timers/promises';
import type { Types } from '../engine/types.js';
import { ManagerUnavailableError, type ManagerError } from '../proto/errors.js';
import { ManagerLog, type ManagerLogEvents } from './log/manager-log.js';
import type { LogParts } from './log/open-store.js';
import { limitsOf, ServedManager, type Outlet } from './manager.js';
import type { ResolvedOptions } from './options.js';
import { ServedSession } from './session/session.js';

/** Pauses between attempts to write the log again, in milliseconds. Each is twice the one before. */
const PAUSE_MS = { first: 1_000, most: 30_000 };

const GOES_ON = new ManagerUnavailableError('the manager takes changes again, and ends the sessions in which it only read');

/**
 * A manager that keeps its state in a directory. If nothing can be kept any more, it goes on with a machine that only reads what was kept,
 * and takes changes again once it can keep them.
 */
export class DurableManager {
  readonly manager: ServedManager;
  /** Describes the state that it went on from; undefined if there was none. */
  readonly found: string | undefined;
  #recovery: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();
  /** The last message to people. */
  #told = '';

  private constructor(
    private readonly options: ResolvedOptions,
    private log: ManagerLog,
  ) {
    this.found = log.found;
    this.manager = new ServedManager(options, (limits, rest) => log.goOn(limits, rest), log);
    this.#restoreSessions();
  }

  /**
   * @param parts of the log. Default: the ones of its directory
   * @throws AlreadyExistsError, DamagedLogError or LogFailedError, if it cannot go on from the directory
   */
  static async start(options: ResolvedOptions, types: Types, parts?: LogParts): Promise<DurableManager> {
    const events: ManagerLogEvents = {
      failed: (error) => durable.#failed(error),
      snapshotWritten: () => options.logger.debug('a snapshot was written'),
      snapshotFailed: (error) => options.logger.error(`a snapshot could not be written: ${error.message}`),
    };
    const log = await ManagerLog.open(options.log!, types, limitsOf(options), events, parts);
    let durable: DurableManager;
    try {
      return (durable = new DurableManager(options, log));
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  #restoreSessions(): void {
    for (const session of this.manager.machine.sessions.values()) ServedSession.restore(this.manager, session);
  }

  #failed(error: ManagerError): void {
    this.#tell(error.message);
    this.manager.refuse(error);
    if (!this.#closing.signal.aborted) this.#recovery = this.#recovery.then(() => this.#recover(error));
  }

  /** Tells the people who run the manager, once for each reason. */
  #tell(what: string): void {
    if (what === this.#told) return;
    this.#told = what;
    this.options.logger.error(what);
  }

  async #recover(failure: ManagerError): Promise<void> {
    await this.#read(failure);
    const { signal } = this.#closing;
    for (let pause = PAUSE_MS.first; !signal.aborted; pause = Math.min(2 * pause, PAUSE_MS.most)) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted || (await this.#goOn())) return;
    }
  }

  /** Serves what was kept. If it cannot be read, all clients are refused. */
  async #read(failure: ManagerError): Promise<void> {
    const { log } = this;
    const outlet: Outlet = { returns: log.returns, holds: false, release: (run) => run() };
    try {
      await this.manager.serve((rest) => log.kept(failure, rest), outlet, failure, failure);
    } catch (error) {
      this.#tell(`the log cannot be read either: ${(error as Error).message}`);
    }
  }

  /** Takes changes again, if they can be kept. */
  async #goOn(): Promise<boolean> {
    let next: ManagerLog | undefined;
    try {
      const log = (next = await this.log.again());
      this.#closing.signal.throwIfAborted();
      await this.manager.serve((rest) => log.goOn(limitsOf(this.options), rest), log, GOES_ON);
    } catch (error) {
      next?.resign();
      if (!this.#closing.signal.aborted) this.#tell((error as Error).message);
      return false;
    }
    this.log.replaced();
    this.log = next;
    this.#restoreSessions();
    this.#tell('the log can be written again: the manager takes changes');
    return true;
  }

  /** Resolves once everything so far is durable, and has left, or can no longer be. */
  flushed(): Promise<void> {
    return this.log.flushed();
  }

  /** Leaves a snapshot, and gives the directory back. The manager takes no input any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#recovery;
    await this.log.close();
  }
}
