// A raw thread that counts in the memory that it received.
import { workerData } from 'node:worker_threads';
import { receive, type Transportable } from 'commonhold';

Atomics.add(receive(workerData as Transportable<{ deep: [Int32Array] }>).deep[0], 0, 1);
