import { Timer } from '../../../proto/timer.js';
import { asManagerError } from '../../../engine/core/calls.js';
import { rebuildCalls } from '../../../engine/shared/kinds.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import type { ManagerError } from '../../../proto/errors.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { nothing, type OpenCall, type OpenRequest } from '../../objects/object-proxy.js';
import type { Transport } from '../../connect/transport/transport.js';
import { HomeAgent } from './agent.js';
import type { HomeRequest } from './request-queue.js';
import { NameConflicts } from './name-conflicts.js';

/** Delay before retrying a registration that failed because the manager was unreachable, in milliseconds. */
const AGAIN_MS = 1_000;

/** The helper thread's work: offers the objects of its process to the manager, and stores backups of them. */
export class HomeWorker {
  readonly #agent: HomeAgent;
  readonly #nameConflicts: NameConflicts;
  /** Backup interval of each object, in milliseconds. */
  readonly #backups = new Map<string, number>();
  readonly #timers = new Map<string, Timer>();

  constructor(
    private readonly transport: Transport,
    private readonly engine: SharedEngine,
  ) {
    this.#nameConflicts = new NameConflicts(engine.objects);
    this.#agent = new HomeAgent(transport, engine, {
      destroyed: (name) => this.#forget(name),
      cutOff: (name, reason) => this.#cutOff(name, reason),
    });
  }

  /** Executes a request of a thread. @throws ManagerError */
  async perform(request: HomeRequest): Promise<void> {
    try {
      if ('offer' in request) {
        if (request.backup !== undefined) this.#backups.set(request.offer, request.backup);
        await this.#offer(request.offer);
      } else if ('withdraw' in request) {
        this.#forget(request.withdraw);
        this.engine.objects.forgetEnded(request.withdraw);
        await this.#agent.withdraw(request.withdraw);
      } else if ('dismiss' in request) {
        await this.#dismiss(request.dismiss);
      } else {
        for (const timer of this.#timers.values()) timer.stop();
        await this.#agent.close();
        await this.transport.close();
      }
    } catch (error) {
      throw asManagerError(error);
    }
  }

  async #offer(name: string): Promise<void> {
    const object = this.engine.objects.any(name);
    // It was destroyed before other processes could see it.
    if (object === undefined) return;
    const [opening] = rebuildCalls(object);
    try {
      await this.#agent.offer(opening as OpenCall<OpenRequest>);
    } catch (error) {
      if (NameConflicts.is(error)) this.#refuse(name, error);
      throw error;
    }
    await this.#backUp(name);
  }

  /**
   * Dismisses an anonymous object at the manager once no thread of this process except the helper has a claim on it: the object then ends
   * with its last reference elsewhere.
   */
  async #dismiss(name: string): Promise<void> {
    const { objects, thread } = this.engine;
    const object = objects.any(name);
    if (object === undefined) return;
    const alone = objects.directory.unclaim(object.object, object.uid, thread.self);
    objects.claim(name);
    if (alone) await this.transport.call(ManagerService.methods.dismiss, { name }, nothing, { background: true });
  }

  /** Removes an object whose name belongs to another object elsewhere. */
  #refuse(name: string, error: ManagerError): void {
    this.#forget(name);
    this.#nameConflicts.add(name, error);
    this.engine.objects.destroy(name, '');
  }

  /** Stores a backup with the manager, and schedules the next one. */
  async #backUp(name: string): Promise<void> {
    const ms = this.#backups.get(name);
    const object = ms === undefined ? undefined : this.engine.objects.any(name);
    if (object === undefined) return;
    this.#later(name, ms!, () => this.#backUp(name));
    await this.#agent.backUp(name, rebuildCalls(object));
  }

  /**
   * Handles an object that other processes cannot reach here any more: removes it if the name belongs to another object now, else retries
   * the offer.
   */
  #cutOff(name: string, reason: unknown): void {
    if (NameConflicts.is(reason)) this.#refuse(name, reason);
    else this.#later(name, AGAIN_MS, () => this.#offer(name).catch((error: unknown) => this.#cutOff(name, error)));
  }

  #later(name: string, ms: number, work: () => Promise<void>): void {
    this.#timers.get(name)?.stop();
    // A failed backup is retried at the next interval.
    this.#timers.set(name, new Timer(ms, () => void work().catch(() => {})));
  }

  #forget(name: string): void {
    this.#timers.get(name)?.stop();
    this.#timers.delete(name);
    this.#backups.delete(name);
  }
}
