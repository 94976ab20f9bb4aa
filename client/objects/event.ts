import { EventService } from '../../proto/gen/commonhold/v1/event_wire.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { falseWhenLate, timeoutOf, type WaitOptions } from '../wait.js';
import { watchState } from './watch.js';
import { SyncEvent } from '../shared/sync/event.js';

const { methods } = EventService;

/**
 * A flag that many processes share: one sets it, and all who wait for it go on. Python's Event. It
 * begins unset.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind.
 */
export class Event extends ObjectProxy {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'event', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** The same without promises, where the event is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncEvent {
    return (this.#sync ??= new SyncEvent(this));
  }
  #sync: SyncEvent | undefined;

  /** Whether the flag is set. One round trip. */
  isSet(): Promise<boolean> {
    return this.call(methods.isSet, { name: this.name }, isSet);
  }

  /** Sets the flag: all who wait go on, in the order they came, and who waits later need not. One round trip. */
  set(): Promise<void> {
    return this.call(methods.set, { name: this.name }, nothing);
  }

  /** Takes the flag back: who waits from now on waits for the next `set`. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /**
   * Waits until the flag is set, and answers true, also where it was cleared again since; or false
   * when the timeout ends first. One round trip.
   * @throws the signal's reason; NotFoundError when the event is destroyed meanwhile
   */
  wait(options?: WaitOptions): Promise<boolean> {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: timeoutOf(options) };
      return falseWhenLate(this.call(methods.wait, request, isSet, options), options);
    });
  }

  /**
   * Tells whether the flag is set, as it is and whenever that changes, until it is destroyed. Where it is set and
   * cleared again faster than the loop, that is not told. Otherwise as {@link SharedValue.watch}.
   */
  watch(options: WaitOptions = {}): AsyncIterableIterator<boolean, undefined> {
    const read = ({ set, revision }: { set: boolean; revision: number }): { state: boolean; revision: number } => ({
      state: set,
      revision,
    });
    return watchState(this.name, (asked, call) => this.watching(methods.watch, { name: this.name, ...asked }, read, call), options, true);
  }
}

const isSet = ({ set }: { set: boolean }): boolean => set;
