import { createInterface } from 'node:readline';
import type { RoundAnswer, RoundRequest } from '../rounds.js';

/**
 * The worker's side of the protocol of `rounds.ts`: measures one round for each line read, until the bench closes the input. Reports a
 * failure to the bench, which then gives the row up.
 */
export async function serveRounds(measure: (request: RoundRequest) => Promise<RoundAnswer>): Promise<void> {
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await measure(JSON.parse(line) as RoundRequest));
    } catch (error) {
      say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
}

/** Returns the seconds of a request, for workers that work for a span of time. */
export function secondsOf(request: RoundRequest): number {
  if ('seconds' in request) return request.seconds;
  throw new Error('this worker measures seconds, not items');
}

/** Returns the number of items of a request, for workers that pass items. */
export function itemsOf(request: RoundRequest): number {
  if ('items' in request) return request.items;
  throw new Error('this worker passes items, not seconds');
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
