/**
 * How the bench talks to the processes that measure. A process connects, warms up nothing by
 * itself, writes one line `{"ready": true}`, and then answers each line of JSON on its standard
 * input by one on its standard output. So processes stay warm between rounds, Node and Python peers
 * alike, and one whose bench has died ends with its input.
 */

/** Work for a span of time, or with a number of items. */
export type RoundRequest = { readonly seconds: number } | { readonly items: number };

/** What was done, timed by the process that did it. */
export interface RoundAnswer {
  readonly operations: number;
  readonly seconds: number;
}

/** Tells a line of an answer from anything else a program may print. */
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
