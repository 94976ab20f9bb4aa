import type { FailpointName } from '../../server/log/failpoint.js';
import type { Durability } from '../../server/log/options.js';
import type { Draw } from '../support/random.js';
import { DEEDS } from './deeds/index.js';

/**
 * The failpoints of the log (`server/log/failpoint.ts`). Segments come first, because later ones are larger; a start follows a life that may have left
 * records that nothing proves durable.
 */
export const FAILPOINTS = [
  'segment.switch',
  'segment.prepare',
  'segment.recycle',
  'log.write',
  'log.written',
  'start.led',
  'log.flush',
  'start.applied',
  'log.flushed',
  'log.answer',
  'snapshot.write',
  'snapshot.written',
  'snapshot.publish',
  'snapshot.published',
] as const satisfies readonly FailpointName[];

type Failpoint = (typeof FAILPOINTS)[number];

/** The end of one life of the daemon. */
export type Kill =
  /** It kills itself when a thread passes the place for the `at`-th time. `tears`: what it had not flushed is torn, as if the power had failed. */
  | { readonly what: 'failpoint'; readonly name: Failpoint; readonly at: number; readonly tears: boolean }
  /** It is killed some milliseconds after the users have had this number of further answers. */
  | { readonly what: 'outside'; readonly answers: number; readonly ms: number }
  /** It is killed some milliseconds after the start of its process, mostly before it listens. */
  | { readonly what: 'starting'; readonly ms: number };

/** Everything that is decided about a world before it begins. */
export interface CrashPlan {
  readonly seed: number;
  readonly durability: Exclude<Durability, 'none'>;
  /** Size in bytes by which the log grows between two snapshots. */
  readonly snapshotAfter: number;
  /** Number of clients in this process. */
  readonly clients: number;
  /** Names of the deeds of their users. */
  readonly deeds: readonly string[];
  /** Longest pause of a user between two deeds, in milliseconds. */
  readonly busyMs: number;
  /** True if there are clients in other processes, which are killed too. */
  readonly guests: boolean;
  /** True if a life goes on until its failpoint is passed, for however long. */
  readonly patient: boolean;
  readonly kills: readonly Kill[];
}

/** Deeds of a world: few enough that its users meet at their objects. */
const DEEDS_OF_A_WORLD = 9;

/** Draws the plan of a world with a number of kills. Its failpoints follow each other, so that few kills pass all of them. */
export function drawCrashPlan(seed: number, kills: number, draw: Draw): CrashPlan {
  let next = draw(FAILPOINTS.length);
  const kill = (): Kill => (draw(5) < 3 ? drawFailpoint(FAILPOINTS[next++ % FAILPOINTS.length]!, 60, draw) : drawOther(draw));
  return {
    seed,
    durability: draw(4) === 0 ? 'async' : 'sync',
    snapshotAfter: 20_000 + draw(200_000),
    clients: 5,
    deeds: drawDeeds(draw),
    busyMs: [5, 20, 60][draw(3)]!,
    guests: draw(2) === 0,
    patient: false,
    kills: Array.from({ length: kills }, kill),
  };
}

/** Draws the plan of a world with one kill at each failpoint, and two from outside, that costs little. Each life ends as planned, on every machine. */
export function drawShortPlan(seed: number, draw: Draw): CrashPlan {
  const failpoints = FAILPOINTS.map((name) => drawFailpoint(name, name.startsWith('log.') ? 10 : 1, draw));
  const kills = [...failpoints, drawEarly(draw), drawLoaded(draw)];
  const deeds = drawDeeds(draw);
  return { seed, durability: 'sync', clients: 3, snapshotAfter: 600_000, deeds, busyMs: 60, guests: false, patient: true, kills };
}

function drawDeeds(draw: Draw): string[] {
  const names = Object.keys(DEEDS);
  return Array.from({ length: DEEDS_OF_A_WORLD }, () => names.splice(draw(names.length), 1)[0]!);
}

/** Draws the kill at a failpoint. @param most number of times that a life passes a place of each write, at most */
function drawFailpoint(name: Failpoint, most: number, draw: Draw): Kill {
  const tears = /^log\.(written|flush)$/.test(name) && draw(2) === 0;
  return { what: 'failpoint', name, at: 1 + draw(Math.min(most, passings(name))), tears };
}

/** Draws a kill from outside: under load, just after the start, or during it. */
function drawOther(draw: Draw): Kill {
  const kind = draw(4);
  if (kind === 0) return { what: 'starting', ms: draw(600) };
  return kind === 1 ? drawEarly(draw) : drawLoaded(draw);
}

/** Draws a kill just after the start. */
function drawEarly(draw: Draw): Kill {
  return { what: 'outside', answers: 1 + draw(20), ms: draw(3) };
}

/** Draws a kill under load. */
function drawLoaded(draw: Draw): Kill {
  return { what: 'outside', answers: 1 + draw(150), ms: draw(20) };
}

/** Number of times that one life may pass a place. */
function passings(name: Failpoint): number {
  if (name.startsWith('log.')) return 60;
  if (name === 'snapshot.write') return 12;
  return name.startsWith('snapshot.') ? 2 : 1;
}
