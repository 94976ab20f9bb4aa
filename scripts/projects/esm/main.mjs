import { Manager } from 'commonhold';

const manager = await Manager.start();
await manager.dict('scores').set('ada', 3);
const pool = manager.pool(new URL('./square.mjs', import.meta.url), { threads: 1 });
console.log(await manager.dict('scores').get('ada'), await pool.apply(3));
await pool.terminate();
await manager.close();
