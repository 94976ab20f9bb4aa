/** The operations of the shared-memory rows by calls to a manager: one awaited after the other, or many in flight. */
import { Manager } from 'commonhold';
import { INDEXED_KEYS } from './keys.js';
import { callFor, type Call } from './load.js';
import { LIST_LENGTH, LONGEST_LIST } from './sequence.js';
import { secondsOf, serveRounds } from './serve.js';

const [address, operation, window] = process.argv.slice(2);

await using manager = await Manager.connect(address);
const call = await callOf(operation);
await serveRounds((request) => callFor(secondsOf(request), Number(window), call));

async function callOf(name: string | undefined): Promise<Call> {
  const dict = manager.dict<string, number>('dict');
  const list = manager.list<number>('list');
  switch (name) {
    case 'get':
      await dict.setMany(INDEXED_KEYS);
      return (n) => dict.get(INDEXED_KEYS[n % INDEXED_KEYS.length]![0]);
    case 'set':
      return (n) => dict.set(...INDEXED_KEYS[n % INDEXED_KEYS.length]!);
    case 'at':
      await list.clear();
      await list.extend(Array.from({ length: LIST_LENGTH }, (_, index) => index));
      return (n) => list.at(n % LIST_LENGTH);
    case 'push':
      return (n) => (n % LONGEST_LIST === 0 ? list.clear() : list.push(n));
    default:
      throw new Error(`there is no operation ${name}`);
  }
}
