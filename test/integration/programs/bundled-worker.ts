import { currentWorker, type SharedDict } from 'commonhold';

export default async function count(counts: SharedDict<string, number>): Promise<string> {
  await counts.add('calls');
  return currentWorker()!.name;
}
