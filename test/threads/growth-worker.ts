// A thread of growth.test.ts: puts long texts into the memory, or reads the texts of others.
import { parentPort, workerData } from 'node:worker_threads';
import { localProxy, receiveLocal } from '../../client/shared/arenas.js';
import type { Barrier, SharedDict, SharedList, Transportable } from '../../client/index.js';
import { decodePayload } from '../../proto/codec/payload.js';
import { OutOfMemoryError } from '../../proto/errors.js';
import { isWhole, whole } from '../support/whole.js';
import { checkGuards } from '../support/checked-guards.js';

/** Task of a thread, and its objects. */
export interface Task {
  readonly work: 'write' | 'read' | 'fill';
  /** For a writer: its number, with which its keys begin. */
  readonly number: number;
  /** For a writer: number of texts that it puts. */
  readonly texts: number;
  readonly dict: SharedDict<string, string>;
  readonly list: SharedList<string>;
  /** Where the threads meet first: a thread needs memory to join, which must not be full yet. */
  readonly start?: Barrier;
}

if (parentPort !== null) {
  const { arenas, payload } = workerData as Transportable<Task>;
  receiveLocal(arenas!, localProxy);
  const [{ work, number, texts, dict, list, start }] = decodePayload(payload, { open: localProxy }) as [Task];
  checkGuards(dict.local().shared.thread);
  const tasks = {
    /** Puts `texts` texts into the dict and the list. */
    write(): number {
      for (let i = 0; i < texts; i++) {
        dict.sync.set(`${number}/${i}`, whole(10_000 + i));
        list.sync.push(whole(5_000 + i));
      }
      return texts;
    },
    /** Reads until all texts are there; returns the number of torn ones. */
    read(): number {
      let torn = 0;
      while (list.sync.length() < texts) {
        for (const [, text] of dict.sync) if (!isWhole(text)) torn++;
        if (list.sync.toArray().some((text) => !isWhole(text))) torn++;
      }
      return torn;
    },
    /** Puts texts until there is no room; returns their number. */
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
