import { ERRORS_ONLY, type LogFormat, type Logger, type LogLevel } from './logger.js';

/**
 * Opens the log that a manager was asked for.
 * @param level default: with a format, `warn` for text and `info` for JSON; otherwise errors alone
 */
export async function openLogger(level: LogLevel | undefined, format: LogFormat | undefined): Promise<Logger> {
  if (level === undefined && format === undefined) return ERRORS_ONLY;
  // Loaded only where it is asked for.
  const { pinoLogger } = await import('./pino-logger.js');
  return pinoLogger(level ?? (format === 'json' ? 'info' : 'warn'), format ?? 'text');
}
