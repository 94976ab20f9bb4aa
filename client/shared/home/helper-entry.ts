// The thread that serves the objects of its process to other processes, so that a busy thread delays no remote caller.
import { parentPort, workerData } from 'node:worker_threads';
import { createSharedEngine } from '../../../engine/shared/index.js';
import { Region } from '../../../engine/shared/memory/region.js';
import { resolveConnect } from '../../connect/options.js';
import { SessionTransport } from '../../connect/transport/session.js';
import { HomeWorker } from './home-worker.js';
import type { HelperData } from './home-announcer.js';
import { RequestQueue } from './request-queue.js';

// Calls to the manager do not keep this thread alive while they wait.
parentPort!.ref();

const { handle, address, credentials, label } = workerData as HelperData;
const { addresses, options } = resolveConnect(address, { label });
const silent = { disconnected() {}, resumed() {}, expired() {} };
const transport = new SessionTransport(addresses, { ...options, credentials, label: `home of ${label}` }, silent);
const engine = createSharedEngine(new Region(handle));
const worker = new HomeWorker(transport, engine);

await new RequestQueue(engine.objects).serve((request) => worker.perform(request));
