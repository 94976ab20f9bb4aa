// The types of workers: arguments and results come from the module's default export.
import {
  receive,
  share,
  type ArgumentsOf,
  type Manager,
  type ResultOf,
  type SharedDict,
  type SharedQueue,
  type Transportable,
  type WorkerHandle,
} from 'commonhold';
import type consumer from '../integration/programs/consumer.js';
import type mixed from '../integration/programs/mixed.js';
import { compiles, holds, typed, type Same } from './support.js';

type Consumer = Module<typeof consumer>;
interface Module<F extends (...args: never[]) => unknown> {
  default: F;
}

holds<Same<ArgumentsOf<Consumer>, ['get' | 'getMany' | 'iterate', SharedQueue<number>, SharedQueue<number>, number]>>();
holds<Same<ResultOf<Consumer>, void>>();
holds<Same<ResultOf<Module<() => Promise<Map<string, number>>>>, Map<string, number>>>();
holds<Same<ResultOf<Module<() => number>>, number>>();
holds<Same<ArgumentsOf<Module<() => number>>, []>>();

compiles((manager: Manager, url: URL, items: SharedQueue<number>, texts: SharedQueue<string>) => {
  for (const how of ['fork', 'thread'] as const) {
    const worker = manager[how]<Consumer>(url, 'get', items, items, 1);
    typed<WorkerHandle<void>>()(worker);
    // @ts-expect-error The consumer has no such mode.
    manager[how]<Consumer>(url, 'take', items, items, 1);
    // @ts-expect-error The items are numbers.
    manager[how]<Consumer>(url, 'get', texts, items, 1);
    // @ts-expect-error An argument is missing.
    manager[how]<Consumer>(url, 'get', items, items);
    // @ts-expect-error One is too many.
    manager[how]<Consumer>(url, 'get', items, items, 1, 2);
    // @ts-expect-error A module has a default export.
    manager[how]<{ run: () => void }>(url);
    // @ts-expect-error Its default export is a function.
    manager[how]<{ default: number }>(url);
  }
});

compiles(async (manager: Manager, url: URL) => {
  const worker = manager.fork<typeof import('../integration/programs/mixed.js')>(url, 1, 2, null as never);
  const result = await worker.result;
  typed<Awaited<ReturnType<typeof mixed>>>()(result);
  typed<string>()(result);
  await worker.join({ timeout: 10 });
  // @ts-expect-error The exit code is readonly.
  worker.exitCode = 1;
  await using same = worker;
  typed<string | undefined>()(same.exitSignal);
});

compiles((dict: SharedDict<string, number>) => {
  const shared = share({ dict, times: 3 });
  typed<Transportable<{ dict: SharedDict<string, number>; times: number }>>()(shared);
  const received = receive(shared);
  typed<{ dict: SharedDict<string, number>; times: number }>()(received);
  // @ts-expect-error Only a result of share() can be received.
  receive({ dict });
});
