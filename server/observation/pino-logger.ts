import pino from 'pino';
import { Logger, textLine, type LogFields, type LogFormat, type LogLevel } from './logger.js';

/** Bytes of lines that wait until the reader of standard error takes them. Further lines are dropped. */
const MOST_WAITING = 4 * 1024 * 1024;

/** Opens a log on standard error, whose reader never holds up the manager. */
export function pinoLogger(level: LogLevel, format: LogFormat): Logger {
  const destination = standardError();
  const options = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: levelName } };
  const target = format === 'json' ? destination : { write: (line: string) => destination.write(readable(line)) };
  const log = pino(options, target);
  return new Logger(log.isLevelEnabled('warn'), (level, event, fields) => log[level](fields, event));
}

function standardError(): pino.DestinationStream {
  let exiting = false;
  const options = { dest: 2, sync: false, maxLength: MOST_WAITING, retryEAGAIN: () => !exiting };
  const destination = pino.destination(options);
  // The reader has gone, or the disk is full: the manager goes on without its log.
  destination.on('error', () => {});
  const flush = destination.flushSync.bind(destination);
  // Called at the exit, which must not fail either.
  destination.flushSync = () => {
    try {
      flush();
    } catch {}
  };
  process.once('exit', () => {
    exiting = true;
    destination.flushSync();
  });
  return destination;
}

function levelName(level: string): object {
  return { level };
}

function readable(line: string): string {
  const { level: _, time: __, pid: ___, msg, ...fields } = JSON.parse(line) as LogFields & { msg: string };
  return textLine(msg, fields);
}
