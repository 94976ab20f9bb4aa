import type { SharedDict } from 'commonhold';

/** A person's page, which all write on. */
export interface Page {
  tags: [worker: number, round: number][];
  stats: { hits: number; seen?: Set<number> };
}

/** Changes one value in several places, `rounds` times, without any lock. */
export default async function (pages: SharedDict<string, Page>, worker: number, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await pages.path('ada', 'tags').push([worker, round]);
    await Promise.all([pages.path('ada', 'stats', 'hits').add(), pages.path('ada', 'stats', 'seen').addMembers(round)]);
  }
}
