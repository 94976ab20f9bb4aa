import type { Barrier, SharedDict } from 'commonhold';
import { RateLimitStore } from 'commonhold/express-rate-limit';
import { RateLimiterCommonhold } from 'commonhold/rate-limiter-flexible';

/** Counts of the requests that were accepted in each round, by both limiters. */
export interface Accepted {
  flexible: number[];
  express: number[];
}

/** Makes requests of one client in many rounds, each begun together with the other processes; tells how many were accepted. */
export default async function limited(
  dict: SharedDict<string, number>,
  begin: Barrier,
  { rounds, requests, limit }: { rounds: number; requests: number; limit: number },
): Promise<Accepted> {
  const limiter = new RateLimiterCommonhold({ storeClient: dict, keyPrefix: 'flexible', points: limit, duration: 3600 });
  const store = new RateLimitStore(dict);
  store.init({ windowMs: 3_600_000 });
  const count = async (accepts: () => Promise<boolean>): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: requests }, accepts));
    return answers.filter(Boolean).length;
  };

  const accepted: Accepted = { flexible: [], express: [] };
  for (let round = 0; round < rounds; round++) {
    await begin.wait();
    accepted.flexible.push(
      await count(() =>
        limiter.consume(`client-${round}`).then(
          () => true,
          () => false,
        ),
      ),
    );
    accepted.express.push(await count(async () => (await store.increment(`express:client-${round}`)).totalHits <= limit));
  }
  return accepted;
}
