/** Levels of a log, from the fewest lines to the most. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Forms of a log: a line of text for people, or an object in JSON, for each event. */
export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Details of an event. An undefined one is left out. */
export type LogFields = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Writes the events of a level. The text of an event is always the same; its details are in the fields. */
export type Write = (level: Exclude<LogLevel, 'silent'>, event: string, fields: LogFields) => void;

/** Number of lines of one event in a period that clients can cause as often as they like. */
const OFTEN = { lines: 10, ms: 60_000 };

/** Tells the people who run a manager of its events, on standard error. */
export class Logger {
  /** Number of lines of each event in the present period. */
  readonly #written = new Map<string, number>();

  /** @param warns false if warnings are not written */
  constructor(
    private readonly warns: boolean,
    private readonly write: Write,
  ) {}

  fatal(event: string, fields: LogFields = {}): void {
    this.write('fatal', event, fields);
  }

  error(event: string, fields: LogFields = {}): void {
    this.write('error', event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.write('warn', event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.write('info', event, fields);
  }

  debug(event: string, fields: LogFields = {}): void {
    this.write('debug', event, fields);
  }

  /** A warning that a client can cause again and again: 10 lines a minute, and at its end one that says how many were left out. */
  often(event: string, fields: LogFields = {}): void {
    if (!this.warns) return;
    const written = this.#written.get(event) ?? 0;
    this.#written.set(event, written + 1);
    if (written < OFTEN.lines) this.warn(event, fields);
    if (written === 0) setTimeout(() => this.#nextPeriod(event), OFTEN.ms).unref();
  }

  #nextPeriod(event: string): void {
    const leftOut = this.#written.get(event)! - OFTEN.lines;
    this.#written.delete(event);
    if (leftOut > 0) this.warn(event, { leftOut });
  }
}

/** The log of a manager that was asked for none: errors, as lines of text. */
export const ERRORS_ONLY = new Logger(false, (level, event, fields) => {
  if (level === 'fatal' || level === 'error') process.stderr.write(textLine(event, fields));
});

/** Returns the line of an event for people. */
export function textLine(event: string, fields: LogFields): string {
  const details = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [` ${name}=${shown(value)}`]));
  return `commonhold: ${event}${details.join('')}\n`;
}

/** Quotes a text unless it is one word, so that no client can write lines of its own. */
function shown(value: string | number | readonly string[]): string {
  return typeof value === 'string' && /^[\w.:/~-]+$/.test(value) ? value : JSON.stringify(value);
}
