// A thread of growth.test.ts: puts long texts into the memory, or reads what others put there.
import { parentPort, workerData } from 'node:worker_threads';
import { localProxy, receiveLocal } from '../../client/shared/arenas.js';
import type { Barrier, SharedDict, SharedList, Transportable } from '../../client/index.js';
import { decodePayload } from '../../proto/codec/payload.js';
import { OutOfMemoryError } from '../../proto/errors.js';
import { isWhole, whole } from '../support/whole.js';
import { checkGuards } from '../support/checked-guards.js';

/** What a thread is to do, and on what. */
export interface Task {
  readonly work: 'write' | 'read' | 'fill';
  /** Of a writer: its number, which its keys begin with. */
  readonly number: number;
  /** Of a writer: how many texts it puts. */
  readonly texts: number;
  readonly dict: SharedDict<string, string>;
  readonly list: SharedList<string>;
  /** Where the threads meet first: one that comes when there is no room has none for itself. */
  readonly start?: Barrier;
}

if (parentPort !== null) {
  const { arenas, payload } = workerData as Transportable<Task>;
  receiveLocal(arenas!, localProxy);
  const [{ work, number, texts, dict, list, start }] = decodePayload(payload, { open: localProxy }) as [Task];
  checkGuards(dict.local().shared.thread);
  const tasks = {
    /** Puts so many texts into the dict and the list. */
    write(): number {
      for (let i = 0; i < texts; i++) {
        dict.sync.set(`${number}/${i}`, whole(10_000 + i));
        list.sync.push(whole(5_000 + i));
      }
      return texts;
    },
    /** Reads until all is there; answers what was not whole. */
    read(): number {
      let torn = 0;
      while (list.sync.length() < texts) {
        for (const [, text] of dict.sync) if (!isWhole(text)) torn++;
        if (list.sync.toArray().some((text) => !isWhole(text))) torn++;
      }
      return torn;
    },
    /** Puts texts until there is no room; answers how many it could. */
    fill(): number {
      for (let put = 0; ; put++) {
        try {
          dict.sync.set(`${number}/${put}`, whole(20_000 + put));
        } catch (error) {
          if (error instanceof OutOfMemoryError) return put;
          throw error;
        }
      }
    },
  };
  start?.sync.wait();
  parentPort.postMessage(tasks[work]());
}
