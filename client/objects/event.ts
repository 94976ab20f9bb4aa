import { EventService, type EventServiceWatchResponse } from '../../proto/gen/commonhold/v1/event_wire.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { falseWhenLate, timeoutOf, type WaitOptions } from '../wait.js';
import { watchState, type AskState, type StateWatchOptions } from './watch.js';
import { SyncEvent } from '../shared/sync/event.js';

const { methods } = EventService;

/**
 * A flag shared between processes: setting it releases all calls that wait for it. Python's Event. Initially unset.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind.
 */
export class Event extends ObjectProxy {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'event', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** Synchronous API, for an event in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncEvent {
    return (this.#sync ??= new SyncEvent(this));
  }
  #sync: SyncEvent | undefined;

  /** Returns true if the flag is set. One round trip. */
  isSet(): Promise<boolean> {
    return this.call(methods.isSet, { name: this.name }, isSet);
  }

  /** Sets the flag: waiting calls continue, in the order of their arrival, and later ones do not wait. One round trip. */
  set(): Promise<void> {
    return this.call(methods.set, { name: this.name }, nothing);
  }

  /** Clears the flag: later calls of `wait` wait for the next `set`. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /**
   * Waits until the flag is set. Returns true, even if it was cleared again since; false if the timeout ends first. One round trip.
   * @throws the signal's reason; NotFoundError if the event is destroyed meanwhile
   */
  wait(options?: WaitOptions): Promise<boolean> {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: timeoutOf(options) };
      return falseWhenLate(this.call(methods.wait, request, isSet, options), options);
    });
  }

  /**
   * Iterates over the states of the flag, the current one first and then each change, until the event is destroyed. A change that is
   * reverted faster than the loop is skipped. Otherwise as {@link SharedValue.watch}.
   */
  watch(options: StateWatchOptions = {}): AsyncIterableIterator<boolean, undefined> {
    const ask: AskState<EventServiceWatchResponse, boolean> = (asked, read, call) =>
      this.watching(methods.watch, { name: this.name, ...asked }, read, call);
    return watchState(this.name, ask, isSet, options, true);
  }
}

const isSet = ({ set }: { set: boolean }): boolean => set;
