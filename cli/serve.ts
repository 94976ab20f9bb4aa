import { Option, type Command } from 'commander';
import { VERSION } from '../proto/version.js';
import { exposure } from '../server/access/exposure.js';
import { LOG_FORMATS, LOG_LEVELS, type Logger } from '../server/observation/logger.js';
import { openLogger } from '../server/observation/open-logger.js';
import type { ServerOptions } from '../server/options.js';
import { startServer, type ManagerServer } from '../server/server.js';
import { guardStandardOutput, reportStrayRejections } from '../server/stray.js';
import { collect, exitCode, fail, number, wholeNumber } from './flags.js';
import { applySettings } from './settings.js';

/** Flags of `serve`: the options of a server, but for the token, which other users could read on a command line. */
type ServeFlags = Omit<ServerOptions, 'token'>;

/** Adds the command that runs a manager. */
export function addServe(program: Command): void {
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
    .option('--http <address>', 'serve the console, metrics and health over HTTP at this address of loopback, such as 127.0.0.1:7421')
    .addOption(new Option('--log-level <level>', 'lines on standard error (default: warn for text, info for json)').choices(LOG_LEVELS))
    .addOption(new Option('--log-format <format>', 'form of these lines (default: text)').choices(LOG_FORMATS))
    .option('--slow-call <ms>', 'log and keep calls that take this long (default: 100)', number)
    .option(
      '--otlp <url>',
      'send spans to this collector of OpenTelemetry, such as http://127.0.0.1:4318 (default: OTEL_EXPORTER_OTLP_ENDPOINT)',
    )
    .option('--config <file>', 'file of options in JSON, such as {"maxPayload": 1048576}; COMMONHOLD_MAX_PAYLOAD and flags come before it')
    .hook('preAction', (_, command) => {
      try {
        applySettings(command);
      } catch (error) {
        fail(error);
      }
    })
    .action(serve);
}

async function serve({ config: _, ...flags }: ServeFlags & { config?: string }): Promise<void> {
  const options: ServerOptions = {
    ...flags,
    token: process.env['COMMONHOLD_TOKEN'] || undefined,
    otlp: flags.otlp ?? collectorOfEnvironment(),
  };
  const logger = await openLogger(options.logLevel, options.logFormat ?? 'text');
  reportStrayRejections(logger);
  guardStandardOutput();
  const server = await startServer({ ...options, logger }).catch((error: unknown) => {
    logger.fatal((error as Error).message);
    return process.exit(exitCode(error));
  });
  const stop = async (signal: string): Promise<void> => {
    logger.info('the manager stops', { signal });
    await server.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
  process.on('SIGHUP', () => reload(server, logger));
  if (server.found !== undefined) console.log(`commonhold ${VERSION} ${server.found}`);
  const exposed = exposure(server.addresses, options);
  if (exposed !== undefined) logger.warn(exposed);
  if (server.http !== undefined) console.log(`commonhold ${VERSION} serves metrics and health at http://${server.http}`);
  if (server.http !== undefined && !server.http.startsWith('unix:'))
    console.log(`commonhold ${VERSION} shows its console at http://${server.http}/`);
  logger.info('the manager started', { version: VERSION, addresses: server.addresses, http: server.http, found: server.found });
  // Last, because the reader may send a signal at once.
  console.log(`commonhold ${VERSION} listens on ${server.addresses.join(', ')}`);
}

/** The collector in the variables that all programs with OpenTelemetry know. */
function collectorOfEnvironment(): string | undefined {
  const { OTEL_SDK_DISABLED: disabled, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = process.env;
  return disabled === 'true' ? undefined : endpoint || undefined;
}

/** Without files to read again, SIGHUP changes nothing: a daemon of a closed terminal goes on. */
function reload(server: ManagerServer, logger: Logger): void {
  try {
    server.reload();
    logger.info('certificates and tokens were read again');
  } catch (error) {
    logger.error(`${(error as Error).message}; everything stays as it was`);
  }
}
