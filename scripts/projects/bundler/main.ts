import { Manager, type SharedDict } from 'commonhold';

await using manager = await Manager.start();
const scores: SharedDict<string, number> = manager.dict('scores');
await scores.set('ada', 3);
console.log(await scores.get('ada'), 9);
