import type { SharedQueue } from 'commonhold';

export interface Answer {
  limit: number;
  primes: number[];
}

export default async function findPrimes(limit: number, answers: SharedQueue<Answer>): Promise<void> {
  const primes: number[] = [];
  for (let n = 2; n < limit; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  await answers.put({ limit, primes });
}
