import { EventEmitter } from 'node:events';

/** The listeners of an object's events. `E` has the arguments of each event by its name. */
export class Listeners<E extends Record<keyof E, unknown[]>> {
  readonly #emitter = new EventEmitter();

  on<N extends keyof E & string>(event: N, listener: (...args: E[N]) => void): void {
    this.#emitter.on(event, listener as (...args: unknown[]) => void);
  }

  off<N extends keyof E & string>(event: N, listener: (...args: E[N]) => void): void {
    this.#emitter.off(event, listener as (...args: unknown[]) => void);
  }

  /** Calls each listener in a microtask of its own, so that one that throws disturbs neither the caller nor the others. */
  emit<N extends keyof E & string>(event: N, ...args: E[N]): void {
    for (const listener of this.#emitter.listeners(event) as ((...args: E[N]) => void)[]) queueMicrotask(() => listener(...args));
  }
}
