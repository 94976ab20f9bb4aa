import type { JoinHandle } from 'multithreading';

/** Returns the result of a task. */
export async function resultOf<T>(task: JoinHandle<T>): Promise<T> {
  const result = await task.join();
  if (!result.ok) throw result.error;
  return result.value;
}
