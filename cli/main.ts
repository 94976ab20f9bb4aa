#!/usr/bin/env node
import { Command, InvalidArgumentError as BadOption } from 'commander';
import { VERSION } from '../proto/version.js';
import type { ServerOptions } from '../server/options.js';
import { exposure } from '../server/access/exposure.js';
import { startServer, type ManagerServer } from '../server/server.js';
import { guardStandardOutput, reportStrayRejections } from '../server/stray.js';
import { tell } from '../server/tell.js';
import type { DumpFlags } from './run-dump.js';
import type { LoadFlags } from './run-load.js';

/** Flags of `serve`: the options of a server, but for the token, which other users could read on a command line. */
type ServeFlags = Omit<ServerOptions, 'token'>;

const program = new Command('commonhold').description('Shared objects for Node.js processes and threads').version(VERSION);

program
  .command('serve')
  .description('run a manager in the foreground')
  .option(
    '--listen <address>',
    'HOST:PORT or unix:PATH; may be given several times (default: 127.0.0.1:7420 and the socket of the user)',
    collect,
  )
  .option('--token-file <file>', 'file with the token that clients must carry (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)')
  .option('--tokens <file>', 'file of tokens with names and rights, in JSON; read again at SIGHUP')
  .option('--tls-cert <file>', 'certificate in PEM, with which all TCP ports speak TLS; read again at SIGHUP')
  .option('--tls-key <file>', 'key of the certificate, in PEM')
  .option('--tls-client-ca <file>', 'authorities in PEM, of which clients over TLS need a certificate (default: they need none)')
  .option('--max-payload <bytes>', 'largest message taken or sent (default: 67108864)', wholeNumber)
  .option('--max-calls <calls>', 'waiting calls that a session can have (default: 100000)', wholeNumber)
  .option('--max-memory <bytes>', 'memory of objects and waiting calls (default: 60 % of the limit of the heap)', wholeNumber)
  .option('--max-objects <objects>', 'objects (default: 1000000)', wholeNumber)
  .option('--max-waiting <calls>', 'waiting calls of all clients (default: 1000000)', wholeNumber)
  .option('--max-sessions <sessions>', 'sessions (default: 10000)', wholeNumber)
  .option('--max-connections <connections>', 'connections (default: 20000)', wholeNumber)
  .option('--max-in-flight <bytes>', 'requests on their way, and answers that clients have not read (default: 1073741824)', wholeNumber)
  .option('--register <module>', 'module whose classes clients can make objects of; may be given several times', collect)
  .option(
    '--descriptors <file>',
    'FileDescriptorSet of your protobuf messages, for reflection to give out; may be given several times',
    collect,
  )
  .option('--watch-history <changes>', 'changes of a dict or list that are kept while it is watched (default: 10000)', wholeNumber)
  .option('--data-dir <directory>', 'keep the state in this directory, and go on from there')
  .option('--durability <when>', 'a change is answered when it is on the disk (sync), or at once (async, none) (default: sync)')
  .option('--snapshot-after <bytes>', 'growth of the log between two snapshots (default: 67108864)', wholeNumber)
  .action(serve);

program
  .command('dump')
  .description('write all objects to standard output, as lines of JSON that commonhold load reads')
  .argument('[address]', 'manager that runs: HOST:PORT or unix:PATH (default: COMMONHOLD_ADDRESS, or the socket of the user)')
  .option('--data-dir <directory>', 'dump the data directory of a manager that is stopped, without a change in it')
  .option('--token-file <file>', 'file with the token of the manager (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)')
  .action(dump);

program
  .command('load')
  .description('make the objects of a dump, from standard input; after an error, nothing is loaded')
  .argument('[address]', 'manager that runs: HOST:PORT or unix:PATH (default: COMMONHOLD_ADDRESS, or the socket of the user)')
  .option('--data-dir <directory>', 'load into a data directory that no manager has at the moment; it is made if it is not there')
  .option('--skip', 'leave objects that exist as they are')
  .option('--replace', 'replace objects that exist')
  .option('--token-file <file>', 'file with the token of the manager (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)')
  .option('--register <module>', 'with --data-dir: module with the types of objects; may be given several times', collect)
  .action(load);

program
  .command('doctor')
  .description('examine the data directory of a manager that is stopped')
  .argument('<directory>')
  .option('--salvage', 'keep everything before the first damage, and move the rest aside')
  .action(doctor);

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new BadOption('give a whole number');
  return Number(text);
}

async function serve(flags: ServeFlags): Promise<void> {
  const options: ServerOptions = {
    ...flags,
    token: process.env['COMMONHOLD_TOKEN'] || undefined,
    tokenFile: flags.tokenFile ?? (process.env['COMMONHOLD_TOKEN_FILE'] || undefined),
  };
  reportStrayRejections();
  guardStandardOutput();
  const server = await startServer(options).catch(fail);
  const stop = async (): Promise<void> => {
    await server.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  process.on('SIGHUP', () => reload(server));
  if (server.found !== undefined) console.log(`commonhold ${VERSION} ${server.found}`);
  const exposed = exposure(server.addresses, options);
  if (exposed !== undefined) tell(exposed);
  // Last, because the reader may send a signal at once.
  console.log(`commonhold ${VERSION} listens on ${server.addresses.join(', ')}`);
}

/** Without files to read again, SIGHUP changes nothing: a daemon of a closed terminal goes on. */
function reload(server: ManagerServer): void {
  try {
    server.reload();
  } catch (error) {
    tell(`${(error as Error).message}; everything stays as it was`);
  }
}

async function dump(address: string | undefined, flags: DumpFlags): Promise<void> {
  const { runDump } = await import('./run-dump.js');
  process.exitCode = await runDump(address, flags).catch(fail);
}

async function load(address: string | undefined, flags: LoadFlags): Promise<void> {
  const { runLoad } = await import('./run-load.js');
  await runLoad(address, flags).catch(fail);
}

async function doctor(directory: string, { salvage = false }: { salvage?: boolean }): Promise<void> {
  const { examine } = await import('../server/doctor.js');
  const { text, sound } = await examine(directory, salvage).catch(fail);
  console.log(text);
  if (!sound) process.exitCode = 1;
}

function fail(error: unknown): never {
  return program.error(`commonhold: ${(error as Error).message}`);
}

await program.parseAsync();
