import type { CallContext } from '../../../proto/contract.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { EngineContext } from './object-view.js';
import { writePayload } from '../memory/cells.js';
import { ALL_DONE, C_SIZE, GRANTED, ITEM, PLACE, WAIT } from '../kernel/layout.js';
import { now } from '../threads/parking.js';
import type { QueueObject, QueueWant } from './queue-object.js';

/** The operations of a queue that may wait, for calls: they wait by promises, and can be cancelled. */
export class QueueCalls {
  constructor(
    private readonly queue: QueueObject,
    private readonly surroundings: EngineContext,
  ) {}

  /** Puts items in order. @throws QueueFullError, with `accepted`; QueueShutDownError */
  put(values: readonly Payload[], context: CallContext, timeoutMs: number | undefined): void | Promise<void> {
    const { queue } = this;
    const { cellsRoom } = this.surroundings.thread;
    queue.assertCounted(values.length);
    for (let accepted = 0; accepted < values.length;) {
      const count = Math.min(values.length - accepted, queue.room, cellsRoom);
      for (let index = 0; index < count; index++) this.#write(values[accepted + index]!, index);
      if (queue.push(count) !== WAIT) {
        accepted += count;
        continue;
      }
      queue.discard();
      // Another thread may have taken a part of the room: compute it once more.
      if (count > 1) continue;
      if (timeoutMs === 0) throw queue.full(accepted);
      return this.#putInLine(values, accepted, context, timeoutMs);
    }
  }

  /** Puts items one by one, as first in line until the last one is in. */
  #putInLine(values: readonly Payload[], from: number, context: CallContext, timeoutMs: number | undefined): Promise<void> {
    const end = timeoutMs === undefined ? undefined : now() + timeoutMs;
    return this.#inLine(PLACE, async (node) => {
      for (let at = from; at < values.length; at++) {
        const more = at + 1 < values.length;
        if (at === from && this.#putOne(values[at]!, node, more)) continue;
        const left = end === undefined ? undefined : Math.max(end - now(), 0);
        await this.#wait(node, PLACE, context, left, timeoutMs, at);
        this.#putOne(values[at]!, node, more);
      }
    });
  }

  #putOne(value: Payload, node: number, more: boolean): boolean {
    this.#write(value, 0);
    if (this.queue.push(1, node, more) !== WAIT) return true;
    // The thread does other work while the call waits, and must not keep a pending block.
    this.queue.discard();
    return false;
  }

  #write(payload: Payload, index: number): void {
    const { thread } = this.surroundings;
    writePayload(thread, thread.cells + C_SIZE * index, payload);
  }

  /**
   * Takes up to `max` items, which return to the head unless the call acknowledges them.
   * @throws QueueEmptyError, QueueShutDownError
   */
  take(max: number, context: CallContext, timeoutMs: number | undefined): Payload[] | Promise<Payload[]> {
    const { queue } = this;
    const most = queue.reserve(max);
    const pulled = queue.pull(most);
    if (pulled !== WAIT) return this.#handOver(pulled, context);
    if (timeoutMs === 0) throw queue.empty();
    return this.#inLine(ITEM, async (node) => {
      let later = queue.pull(most, node);
      if (later === WAIT) {
        await this.#wait(node, ITEM, context, timeoutMs, timeoutMs);
        later = queue.pull(most, node);
      }
      return this.#handOver(later, context);
    });
  }

  #handOver(count: number, context: CallContext): Payload[] {
    const payloads = this.queue.taken(count);
    context.handOver({ giveBack: (taken) => this.queue.giveBack(payloads.slice(taken)), state: () => payloads });
    return payloads;
  }

  /** Waits until all items are done. @throws TimeoutError */
  join(context: CallContext, timeoutMs: number | undefined): void | Promise<void> {
    const { queue } = this;
    if (queue.isDone(0)) return;
    if (timeoutMs === 0) throw queue.unfinished();
    return this.#inLine(ALL_DONE, async (node) => {
      if (!queue.isDone(node)) await this.#wait(node, ALL_DONE, context, timeoutMs, timeoutMs);
    });
  }

  /** Runs work with a waiting node. If it fails, the node leaves the line. */
  async #inLine<R>(want: QueueWant, work: (node: number) => Promise<R>): Promise<R> {
    const { waits } = this.surroundings;
    const node = waits.node(true, { want });
    let result: R;
    try {
      result = await work(node);
    } catch (error) {
      this.queue.withdraw(node);
      throw error;
    }
    waits.done(node);
    return result;
  }

  /** @param leftMs the rest of the call's timeout */
  async #wait(
    node: number,
    want: QueueWant,
    context: CallContext,
    leftMs: number | undefined,
    timeoutMs: number | undefined,
    accepted = 0,
  ): Promise<void> {
    const { waits } = this.surroundings;
    // The previous put may have freed a place, and told the node already.
    if (waits.state(node) === GRANTED) return;
    let reason: Error | undefined;
    const state = await waits.promise(node, this.queue, leftMs, (cancel) => {
      context.cancel = (why) => {
        reason = why;
        cancel();
      };
    });
    context.cancel = undefined;
    if (reason !== undefined) throw reason;
    if (state !== GRANTED) throw this.queue.failure(state, want, timeoutMs, accepted);
  }
}
