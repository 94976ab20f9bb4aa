import { Manager } from 'commonhold';

// Uses a queue while it is imported, before there is anything to call.
await using manager = await Manager.connect();
const queue = manager.queue<string>('used at import');
await queue.put('item');
const item = await queue.get({ timeout: 10_000 });

export default function (): string {
  return item;
}
