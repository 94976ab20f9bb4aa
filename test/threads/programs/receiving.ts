import { parentPort } from 'node:worker_threads';
import { receive, type SharedArray, type SharedDict, type Transportable } from 'commonhold';
import { collectGarbage } from '../../support/garbage.js';

/** Orders of the program to this thread: to use objects, and keep proxies of them if told so, or to collect its garbage. */
export type Told = { readonly use: Transportable<Used>; readonly keep: boolean } | 'collect';

export interface Used {
  readonly dict: SharedDict<string, unknown>;
  readonly array: SharedArray | undefined;
}

const kept: unknown[] = [];

parentPort!.on('message', (told: Told) => {
  if (told === 'collect') collectGarbage();
  else {
    const { dict, array } = receive(told.use);
    dict.sync.set('seen', (dict.sync.get('seen') as number) + ((array?.sync.get(0) as number | undefined) ?? 1));
    if (told.keep) kept.push(dict);
  }
  parentPort!.postMessage('done');
});
