import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { together, transfer, type Contender } from '../contender.js';
import { sourceFile, versionOf } from '../machine.js';
import { startPython } from '../process.js';
import type { Scope } from '../scope.js';

export const PYTHON_DICT = 'Python Manager().dict()';
export const PYTHON_MANAGER_QUEUE = 'Python Manager().Queue()';
export const PYTHON_QUEUE = 'Python Queue';
export const PYTHON_LOCKED_VALUE = 'Python Manager() lock and value';
export const PYTHON_VALUE = 'Python Value';
export const PYTHON_MANAGER = 'Python Manager()';

/** Processes that alternate set and get in one `Manager().dict()`. */
export async function pythonDict(scope: Scope, clients: number): Promise<Contender | undefined> {
  if (!hasPython(scope)) return undefined;
  return together(PYTHON_DICT, [await startPython(scope, { file: 'dict.py', args: [String(clients)] })]);
}

/** The items that pass through a queue. */
export interface Transferred {
  readonly type: 'text' | 'bytes';
  readonly length: number;
  /** Capacity of the queue; absent: no limit. */
  readonly capacity?: number;
}

/** One producer process to one consumer process. */
export async function pythonQueue(
  scope: Scope,
  kind: 'manager' | 'multiprocessing',
  { type, length, capacity = 0 }: Transferred,
): Promise<Contender | undefined> {
  if (!hasPython(scope)) return undefined;
  const name = kind === 'manager' ? PYTHON_MANAGER_QUEUE : PYTHON_QUEUE;
  const args = [kind, type, String(length), String(capacity)];
  return transfer(name, [await startPython(scope, { file: 'queue_transfer.py', args })]);
}

/** Processes that add to one `multiprocessing.Value`, `with value.get_lock(): value.value += 1`. */
export async function pythonValue(scope: Scope, processes: number): Promise<Contender | undefined> {
  if (!hasPython(scope)) return undefined;
  return together(PYTHON_VALUE, [await startPython(scope, { file: 'shared_value.py', args: [String(processes)] })]);
}

/** The sum of a `multiprocessing.Array` without its lock: of its elements, or of its memory as a buffer. */
export async function pythonArray(scope: Scope, how: 'elements' | 'buffer'): Promise<Contender | undefined> {
  if (!hasPython(scope)) return undefined;
  const name = how === 'elements' ? 'Python sum(array.get_obj())' : 'Python sum(memoryview)';
  return together(name, [await startPython(scope, { file: 'shared_array.py', args: [how] })]);
}

/** `with lock: value.value += 1`, both in a Manager: four round trips. */
export async function pythonLockedValue(scope: Scope): Promise<Contender | undefined> {
  if (!hasPython(scope)) return undefined;
  return together(PYTHON_LOCKED_VALUE, [await startPython(scope, { file: 'locked_value.py' })]);
}

/** Duration of `Manager()` in a fresh Python, in milliseconds. */
export function pythonStart(scope: Scope): Contender | undefined {
  if (!hasPython(scope)) return undefined;
  return {
    name: PYTHON_MANAGER,
    async measure() {
      const { stdout } = await promisify(execFile)('python3', [sourceFile('bench/peers/start.py')]);
      return { figure: Number(stdout), operations: 1 };
    },
  };
}

/** Memory of the manager for each thread that waits in `Manager().Queue().get()`, in bytes. */
export function pythonWaiters(scope: Scope, waiters: number): Contender | undefined {
  if (!hasPython(scope)) return undefined;
  return {
    name: PYTHON_MANAGER_QUEUE,
    async measure() {
      const { stdout } = await promisify(execFile)('python3', [sourceFile('bench/peers/waiters.py'), String(waiters)]);
      return { figure: Number(stdout), operations: waiters };
    },
  };
}

function hasPython(scope: Scope): boolean {
  if (versionOf('python3') !== undefined) return true;
  scope.note('python3 is not on this machine: its peers are left out');
  return false;
}
