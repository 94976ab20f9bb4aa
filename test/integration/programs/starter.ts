// Starts a manager of its own with the given modules, prints its address and process, and stays until it is killed.
import { Manager } from 'commonhold';

const manager = await Manager.start({ register: process.argv.slice(2) });
await manager.dict<string, number>('scores').set('alice', 3);
process.stdout.write(`${JSON.stringify({ pid: manager.daemonPid, address: manager.address })}\n`);
setInterval(() => {}, 60_000);
