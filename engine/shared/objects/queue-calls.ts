import type { CallContext } from '../../../proto/contract.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { EngineContext } from './object-view.js';
import { writePayload } from '../memory/cells.js';
import { ALL_DONE, C_SIZE, GRANTED, ITEM, PLACE, WAIT } from '../kernel/layout.js';
import { now } from '../threads/parking.js';
import type { QueueObject, QueueWant } from './queue-object.js';

/** The operations of a queue that may wait, for calls: by promises, and each can be given up. */
export class QueueCalls {
  constructor(
    private readonly queue: QueueObject,
    private readonly surroundings: EngineContext,
  ) {}

  /** Puts items in order. @throws QueueFullError, with `accepted`; QueueShutDownError */
  put(values: readonly Payload[], context: CallContext, timeoutMs: number | undefined): void | Promise<void> {
    const { queue } = this;
    const { cellsRoom } = this.surroundings.thread;
    for (let accepted = 0; accepted < values.length;) {
      const count = Math.min(values.length - accepted, queue.room, cellsRoom);
      for (let index = 0; index < count; index++) this.#write(values[accepted + index]!, index);
      if (queue.push(count) !== WAIT) {
        accepted += count;
        continue;
      }
      queue.discard();
      // Of several, others may have taken the room meanwhile.
      if (count > 1) continue;
      if (timeoutMs === 0) throw queue.full(accepted);
      return this.#putInLine(values, accepted, context, timeoutMs);
    }
  }

  /** Puts items one by one, first in line until the last is in. */
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
    // While it waits, the thread does other things.
    this.queue.discard();
    return false;
  }

  #write(payload: Payload, index: number): void {
    const { thread } = this.surroundings;
    writePayload(thread, thread.cells + C_SIZE * index, payload);
  }

  /** Takes up to so many items, which go back to the head unless the call acknowledges them. @throws QueueEmptyError, QueueShutDownError */
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
    context.handOver((taken) => this.queue.giveBack(payloads.slice(taken)));
    return payloads;
  }

  /** Waits until all items are worked off. @throws TimeoutError */
  join(context: CallContext, timeoutMs: number | undefined): void | Promise<void> {
    const { queue } = this;
    if (queue.isDone(0)) return;
    if (timeoutMs === 0) throw queue.unfinished();
    return this.#inLine(ALL_DONE, async (node) => {
      if (!queue.isDone(node)) await this.#wait(node, ALL_DONE, context, timeoutMs, timeoutMs);
    });
  }

  /** Does something with a node that waits. Where it fails, the node leaves the line. */
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

  /** @param leftMs of the timeout of the whole call */
  async #wait(
    node: number,
    want: QueueWant,
    context: CallContext,
    leftMs: number | undefined,
    timeoutMs: number | undefined,
    accepted = 0,
  ): Promise<void> {
    const { waits } = this.surroundings;
    // It is told at once where the one before made that possible.
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
