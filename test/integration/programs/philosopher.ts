import { setImmediate as turn } from 'node:timers/promises';
import type { Barrier, Lock, SharedArray } from 'commonhold';

/** A round table. */
export interface Table {
  /** One between each two philosophers; the left fork of the first has number 0. */
  readonly forks: readonly Lock[];
  /** 1 while the philosopher eats. */
  readonly eating: SharedArray<'u8'>;
  /** Passed by all before the first meal. */
  readonly seated: Barrier;
}

/** Number of its meals, and of the meals of neighbours at the same time. */
export interface Dinner {
  readonly meals: number;
  readonly quarrels: number;
}

/** Takes the two forks at its place, the lower number first, and eats, `meals` times. */
export default async function (place: number, meals: number, { forks, eating, seated }: Table): Promise<Dinner> {
  const seats = forks.length;
  const [lower, higher] = [place, (place + 1) % seats].sort((a, b) => a - b);
  const neighbours = [(place + seats - 1) % seats, (place + 1) % seats];
  const dinner = { meals: 0, quarrels: 0 };
  // Marks itself first and then looks at its neighbours: of two who eat at once, one sees the other.
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
