// The thread that answers for the objects that are at home in its process, so that a busy thread delays nobody.
import { workerData } from 'node:worker_threads';
import { anew } from '../../engine/shared/anew.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { Region } from '../../engine/shared/region.js';
import { asManagerError } from '../../engine/calls.js';
import { LocalClient } from '../arenas.js';
import { openAnywhere } from '../share.js';
import { resolveConnect } from '../options.js';
import { SessionTransport } from '../transport/session.js';
import { HomeAgent } from './agent.js';
import type { HelperData } from './household.js';
import { Inbox, type Request } from './inbox.js';

const { handle, address, token } = workerData as HelperData;
const { addresses, options } = resolveConnect(address, { token });
const transport = new SessionTransport(addresses, { ...options, label: `home of ${options.label}` }, { connected() {}, expired() {} });
const engine = createSharedEngine(new Region(handle));
const backups = new Map<string, NodeJS.Timeout>();
const agent = new HomeAgent(transport, engine, { destroyed: endBackup, cutOff: endBackup });

await new Inbox(new LocalClient(engine, address, openAnywhere)).serve(async (request) => {
  try {
    await perform(request);
  } catch (error) {
    throw asManagerError(error);
  }
});

async function perform(request: Request): Promise<void> {
  if ('offer' in request) {
    const { offer: name, backup } = request;
    const object = engine.objects.any(name);
    // It was destroyed before anyone else could see it.
    if (object === undefined) return;
    const [opening] = anew(object);
    await agent.offer(opening as Parameters<typeof agent.offer>[0]);
    if (backup !== undefined && !backups.has(name)) {
      await backUp(name);
      backups.set(
        name,
        setInterval(() => void backUp(name).catch(() => {}), backup),
      );
    }
  } else if ('withdraw' in request) {
    endBackup(request.withdraw);
    await agent.withdraw(request.withdraw);
  } else {
    for (const name of backups.keys()) endBackup(name);
    await agent.close();
    await transport.close();
  }
}

/** Leaves with the manager what it is to go on with. */
async function backUp(name: string): Promise<void> {
  const object = engine.objects.any(name);
  if (object !== undefined) await agent.backUp(name, anew(object));
}

function endBackup(name: string): void {
  clearInterval(backups.get(name));
  backups.delete(name);
}
