// A manager that clients on other hosts can reach, which `commonhold serve` does not allow without TLS. Listens on a free port of an IP address,
// and on a unix socket.
import { newMachine } from '../../../engine/system.js';
import { resolveOptions } from '../../../server/options.js';
import { ServedManager } from '../../../server/manager.js';
import { loadTypes } from '../../../server/register.js';
import { serve } from '../../../server/server.js';

const [host, path] = process.argv.slice(2) as [string, string];
const options = { ...resolveOptions({}), listen: [{ host, port: 0 }, { path }] };
const server = await serve(new ServedManager(options, newMachine(await loadTypes([]))), options);
console.log(`listens on ${server.addresses[0]}`);
