import type { Event, SharedValue } from 'commonhold';

/** Adds once, so that one sees that it has the value, and keeps it until it is told to go. */
export default async function (value: SharedValue<number>, go: Event): Promise<void> {
  value.sync.add(1);
  await go.wait();
}
