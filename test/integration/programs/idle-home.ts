import { Manager } from 'commonhold';

// Makes an object at home in this process, uses it, and leaves everything open.
const manager = await Manager.connect();
const hits = manager.value('idle hits', 0, { home: 'process', backup: 1000 });
hits.sync.add(1);
console.log(await hits.add(1));
