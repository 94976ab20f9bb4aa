// The thread that writes a log. It blocks in system calls, and so has no event loop.
import { workerData } from 'node:worker_threads';
import { LogWriter } from './writer.js';
import type { WriterData } from './writer-messages.js';

new LogWriter(workerData as WriterData).run();
