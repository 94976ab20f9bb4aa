/** The work of the threads of the package `multithreading`, which import this module by its address. */
import type { Mutex, Receiver, Sender } from 'multithreading';
import type { RoundAnswer } from '../rounds.js';
import { getTimes, Items, putTimes } from '../workers/items.js';
import { repeatFor } from '../workers/repeat.js';

export function increment(mutex: Mutex<Int32Array<SharedArrayBuffer>>, seconds: number): RoundAnswer {
  return repeatFor(seconds, () => {
    const guard = mutex.blockingLock();
    guard.value[0]! += 1;
    guard.dispose();
  });
}

export function sendAll(sender: Sender<string>, times: number, length: number): RoundAnswer {
  return putTimes(times, new Items('text', length), (item) => {
    const sent = sender.blockingSend(item as string);
    if (!sent.ok) throw sent.error;
  });
}

export function takeAll(receiver: Receiver<string>, times: number, length: number): RoundAnswer {
  return getTimes(times, new Items('text', length), () => {
    const taken = receiver.blockingRecv();
    if (!taken.ok) throw taken.error;
    return taken.value;
  });
}
