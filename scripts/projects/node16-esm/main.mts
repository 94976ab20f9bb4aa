import { Manager, type SharedDict } from 'commonhold';

await using manager: Manager = await Manager.start();
const scores: SharedDict<string, number> = manager.dict('scores');
await scores.set('ada', 3);
console.log(await scores.get('ada'), 9);
