// The types of the wait-for graph, and of warnings.
import type {
  DeadlockError,
  DeadlockStep,
  HolderInfo,
  Kind,
  LockInfo,
  LockMode,
  Manager,
  ManagerWarning,
  WaiterInfo,
  WaitForGraph,
} from 'commonhold';
import { compiles, typed } from './support.js';

compiles(async (manager: Manager, error: DeadlockError) => {
  const graph = await manager.locks();
  typed<WaitForGraph>()(graph);
  for (const lock of graph.locks) {
    typed<LockInfo>()(lock);
    typed<readonly [Kind, string, readonly HolderInfo[], number]>()([lock.kind, lock.name, lock.holders, lock.waiting] as const);
    typed<LockMode | undefined>()(lock.holders[0]?.mode);
    for (const waiter of lock.waiters) {
      typed<WaiterInfo>()(waiter);
      typed<string | undefined>()(waiter.owner);
      typed<number>()(waiter.waitingFor);
      // @ts-expect-error A waiter has no token.
      typed<bigint>()(waiter.token);
    }
    // @ts-expect-error A snapshot is readonly.
    lock.waiting = 0;
  }

  const listener = (warning: ManagerWarning): void => {
    typed<'suspected-deadlock'>()(warning.type);
    typed<readonly DeadlockStep[]>()(warning.cycle);
  };
  manager.on('warning', listener).off('warning', listener);
  // @ts-expect-error A warning is no error.
  manager.on('warning', ({ code }) => typed<string>()(code));
  typed<readonly DeadlockStep[]>()(error.cycle);
});
