// A thread of a storm: works on all objects at random, in sync form, until it is killed.
import { parentPort, workerData } from 'node:worker_threads';
import { localProxy, receiveLocal } from '../../../client/shared/arenas.js';
import type { Transportable } from '../../../client/index.js';
import { decodePayload } from '../../../proto/codec/payload.js';
import type { Objects } from './objects.js';
import { checkGuards } from '../../support/checked-guards.js';
import { works } from './works.js';

const { arenas, payload } = workerData as Transportable<Objects>;
// As receive() does, without the code that reaches a manager.
receiveLocal(arenas!, localProxy);
const [objects] = decodePayload(payload, { open: localProxy }) as [Objects];
checkGuards(objects.lock.local().shared.thread);
const all = Object.entries(works(objects));

parentPort!.postMessage('ready');
for (;;) {
  const [name, work] = all[Math.floor(Math.random() * all.length)]!;
  try {
    work();
  } catch (error) {
    // Reported here, as no other thread can: no operation may fail, whichever other threads are killed.
    parentPort!.postMessage(`${name}: ${(error as Error).stack}`);
  }
}
