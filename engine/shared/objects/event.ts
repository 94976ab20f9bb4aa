import type { CallContext } from '../../../proto/contract.js';
import { ObjectView, type EngineContext } from './object-view.js';
import { destroyed } from './directory.js';
import { ENDED, G_SET, GRANTED, WAIT } from '../kernel/layout.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';
import type { Awaited } from '../threads/thread-waits.js';

/** An event in shared memory. While it is set, no call waits for it. */
export class SharedMemoryEvent extends ObjectView implements Awaited {
  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'event', name, place);
  }

  override options(): Record<string, string> {
    return { set: String(this.#set) };
  }

  get #set(): boolean {
    return Atomics.load(this.thread.region.words, (this.data + G_SET) >> 2) !== 0;
  }

  /** Returns true if the event is set. */
  isSet(): boolean {
    const set = this.#set;
    this.assertThere();
    return set;
  }

  /** Sets the event: all waits end, in order of arrival. */
  set(): void {
    const { kernel, self, object, uid } = this;
    while (this.again(kernel.eventSet(self, object, uid)));
  }

  /** Clears the event. */
  clear(): void {
    const { kernel, self, object, uid } = this;
    while (this.again(kernel.eventClear(self, object, uid)));
  }

  /** Blocks the thread until the event is set. Returns false if the timeout ended first. @throws NotFoundError */
  wait(timeout: number | undefined): boolean {
    const set = this.isSet();
    if (set || timeout === 0) return set;
    const node = this.#getInLine(false);
    return node === undefined || this.#outcome(node, this.waits.block(node, this, timeout));
  }

  /** Like {@link wait}, for a call. */
  reached(context: CallContext, timeoutMs: number | undefined): boolean | Promise<boolean> {
    const set = this.isSet();
    if (set || timeoutMs === 0) return set;
    const node = this.#getInLine(true);
    return node === undefined || this.#wait(context, node, timeoutMs);
  }

  async #wait(context: CallContext, node: number, timeoutMs: number | undefined): Promise<boolean> {
    const { state, reason } = await this.waits.call(context, node, this, timeoutMs);
    const set = this.#outcome(node, state);
    if (reason !== undefined) throw reason;
    return set;
  }

  /** Returns a waiting node; undefined if the event is set. */
  #getInLine(async: boolean): number | undefined {
    const { kernel, self, object, uid } = this;
    const node = this.waits.node(async);
    if (this.enlist(node, () => kernel.eventWait(self, object, uid, node)) === WAIT) return node;
    this.waits.done(node);
    return undefined;
  }

  #outcome(node: number, state: number): boolean {
    this.waits.done(node);
    if (state === ENDED) throw destroyed(this.name);
    return state === GRANTED;
  }

  quit(node: number): number {
    const { kernel, self, object, uid } = this;
    return this.finish(() => kernel.noticeQuit(self, object, uid, node));
  }
}

export const eventKind: SharedObjectKind<SharedMemoryEvent> = {
  kind: 'event',
  make: () => () => {},
  bind: (surroundings, name, place) => new SharedMemoryEvent(surroundings, name, place),
};
