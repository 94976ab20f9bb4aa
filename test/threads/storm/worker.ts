// A thread of a storm: works on all objects at random, in sync form, until it is ended.
import { parentPort, workerData } from 'node:worker_threads';
import { localProxy, receiveLocal } from '../../../client/shared/arenas.js';
import type { Transportable } from '../../../client/index.js';
import { decodePayload } from '../../../proto/codec/payload.js';
import type { Objects } from './objects.js';
import { checkGuards } from '../../support/checked-guards.js';
import { works } from './works.js';

const { arenas, payload } = workerData as Transportable<Objects>;
// As receive() does, without all that it takes to reach a manager.
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
    // The only one who can tell: nothing that a thread does here may fail, whoever else is ended.
    parentPort!.postMessage(`${name}: ${(error as Error).stack}`);
  }
}
