import type { Event, SharedValue } from 'commonhold';

/** Adds once, to show that it has the value, and keeps it until the event is set. */
export default async function (value: SharedValue<number>, go: Event): Promise<void> {
  value.sync.add(1);
  await go.wait();
}
