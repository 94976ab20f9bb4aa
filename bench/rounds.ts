/**
 * The protocol between the bench and the processes that measure. A process connects, does not warm up by itself, writes one line `{"ready":
 * true}`, and then answers each line of JSON on its standard input by one on its standard output. So processes stay warm between rounds,
 * Node and Python peers alike, and a process whose bench has died ends with its input.
 */

/** Asks for work for a span of time, or with a number of items. */
export type RoundRequest = { readonly seconds: number } | { readonly items: number };

/** The work of a round, timed by the process that did it. */
export interface RoundAnswer {
  readonly operations: number;
  readonly seconds: number;
}

/** Parses the line of an answer; returns undefined for other output of the process. */
export function parseAnswer(line: string): { ready: true } | RoundAnswer | { error: string } | undefined {
  const said = parseObject(line);
  if (said === undefined) return undefined;
  if ('error' in said) return { error: String(said['error']) };
  if (said['ready'] === true) return { ready: true };
  const { operations, seconds } = said;
  return typeof operations === 'number' && typeof seconds === 'number' ? { operations, seconds } : undefined;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
