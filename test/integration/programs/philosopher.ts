import { setImmediate as turn } from 'node:timers/promises';
import type { Barrier, Lock, SharedArray } from 'commonhold';

/** A round table. */
export interface Table {
  /** Between each two philosophers; the first one's left is number 0. */
  readonly forks: readonly Lock[];
  /** 1 where someone eats. */
  readonly eating: SharedArray<'u8'>;
  /** All of them, before the first meal. */
  readonly seated: Barrier;
}

/** How often it ate, and how often a neighbour ate beside it. */
export interface Dinner {
  readonly meals: number;
  readonly quarrels: number;
}

/** Takes the two forks at its place, the lower number first, and eats: so many times. */
export default async function (place: number, meals: number, { forks, eating, seated }: Table): Promise<Dinner> {
  const seats = forks.length;
  const [lower, higher] = [place, (place + 1) % seats].sort((a, b) => a - b);
  const neighbours = [(place + seats - 1) % seats, (place + 1) % seats];
  const dinner = { meals: 0, quarrels: 0 };
  // Says first that it eats, and then looks: of two who eat at once, one sees the other.
  const eat = async (): Promise<void> => {
    await eating.set(place, 1);
    for (let bite = place % 3; bite >= 0; bite--) {
      const eaters = await eating.read();
      if (neighbours.some((neighbour) => eaters[neighbour] === 1)) dinner.quarrels++;
      await turn();
    }
    await eating.set(place, 0);
    dinner.meals++;
  };
  await seated.wait();
  while (dinner.meals < meals) await forks[lower!]!.run(() => forks[higher!]!.run(eat));
  return dinner;
}
