// Reads through a near cache, and does not dispose it.
import { Manager } from 'commonhold';

const manager = await Manager.connect();
const cache = manager.dict<string, number>('dict').cached();
await cache.set('a', 1);
console.log(await cache.get('a'), await cache.get('a'));
