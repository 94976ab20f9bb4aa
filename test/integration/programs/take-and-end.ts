// A program that takes something from a manager, and ends at the moment in which it has it.
import { Manager } from 'commonhold';

const [address, how, name, end] = process.argv.slice(2) as [string, string, string, string];
const manager = await Manager.connect(address);
const queue = manager.queue<string>(name);

switch (how) {
  case 'get':
    await queue.get();
    break;
  case 'tryGet':
    await queue.tryGet();
    break;
  case 'getMany':
    await queue.getMany(2);
    break;
  case 'two at a time':
    await Promise.all([queue.get(), queue.get()]);
    break;
  case 'loop':
    for await (const _ of queue) break;
    break;
  case 'delivery':
    await queue.get({ ack: true });
    break;
  case 'deliveries':
    for await (const _ of queue.deliveries()) leave();
    break;
  case 'receive':
    await manager.pipe<string>(name)[0].receive();
}
leave();

function leave(): never {
  if (end === 'exit') process.exit(0);
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}
