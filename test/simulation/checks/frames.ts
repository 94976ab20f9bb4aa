import type { World } from '../world.js';

/** Returns the number of frames that the manager has sent in each session that has a connection. */
export function sentFrames({ manager }: World): ReadonlyMap<string, number> {
  const sessions = [...manager.served.machine.sessions.values()];
  return new Map(sessions.map((session) => [session.id, session.state().sent]));
}

/** Checks that every frame sent in a session that goes on has arrived, and each once. */
export function checkFrames(world: World, sent: ReadonlyMap<string, number>): void {
  const now = sentFrames(world);
  for (const [id, count] of sent) {
    const most = now.get(id);
    if (most === undefined) continue;
    const { forGood, early } = world.network.arrived.get(id) ?? { forGood: 0, early: 0 };
    const arrived = forGood + early;
    if (arrived < count || arrived > most)
      world.violated(`${arrived} frames of a session have arrived, of ${count} to ${most} that were sent`);
  }
}
