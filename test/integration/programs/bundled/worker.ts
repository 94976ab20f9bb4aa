import { currentWorker, type SharedDict } from '../../../../client/index.js';

export default async function count(counts: SharedDict<string, number>): Promise<string> {
  await counts.add('calls');
  return currentWorker()!.name;
}
