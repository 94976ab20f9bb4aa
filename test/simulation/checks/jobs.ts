import type { Delivery } from '../../../client/objects/queue/delivery.js';
import { RATE } from '../deeds/jobs.js';
import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';
import { shown } from './calls.js';

/** Ids, pauses, delays, paces and schedules of queues. */
export function checkJobs(world: ObservedWorld): void {
  const tasks = world.history.of('tasks');
  checkIds(world, tasks);
  checkPauses(world, tasks);
  checkDelays(world, tasks);
  checkRate(world);
  checkTicks(world);
}

/** A put is refused exactly while the queue has an item with its id. */
function checkIds(world: ObservedWorld, tasks: readonly Call[]): void {
  const puts = tasks.filter(({ what }) => what === 'put');
  const done = puts.filter(({ outcome }) => outcome === 'done');
  const acks = tasks.filter(({ what }) => what === 'ack');
  for (const put of done) {
    const others = puts.filter(
      (other) => other !== put && other.args[1] === put.args[1] && other.outcome !== 'refused' && other.result !== false,
    );
    // From the answer of its put to the call of its first acknowledgement, an item is certainly there.
    const present = others.find(({ args: [item], outcome, returned }) => {
      const leaves = Math.min(Infinity, ...acks.filter((ack) => ack.args[0] === item).map(({ called }) => called));
      return outcome === 'done' && returned < put.called && put.returned < leaves;
    });
    if (put.result === true && present !== undefined) world.violated(`${shown(put)} put a second item beside that of ${shown(present)}`);
    const possible = others.some(({ args: [item], called }) => {
      const left = acks.some((ack) => ack.args[0] === item && ack.outcome === 'done' && ack.returned < put.called);
      return called < put.returned && !left;
    });
    if (put.result === false && !possible) world.violated(`${shown(put)} was refused, although no item had its id`);
  }
}

/** While a queue is paused, it hands nothing out. */
function checkPauses(world: ObservedWorld, tasks: readonly Call[]): void {
  const pauses = tasks.filter(({ what, outcome }) => what === 'pause' && outcome === 'done');
  const resumes = tasks.filter(({ what, outcome }) => what === 'resume' && outcome !== 'refused');
  for (const call of tasks.filter(({ what, outcome }) => what === 'deliver' && outcome === 'done')) {
    const paused = pauses.find(
      (pause) => pause.returned < call.called && !resumes.some((resume) => resume.called < call.returned && resume.returned > pause.called),
    );
    if (paused !== undefined) world.violated(`${shown(call)} had an item, although ${shown(paused)}`);
  }
}

/** An item that was given back with a delay is not delivered before. */
function checkDelays(world: ObservedWorld, tasks: readonly Call[]): void {
  for (const nak of tasks.filter(({ what, outcome }) => what === 'nak' && outcome === 'done')) {
    const [item, delay] = nak.args as [number, number];
    const early = tasks.find(
      ({ what, outcome, called, result, returnedAt }) =>
        what === 'deliver' &&
        outcome === 'done' &&
        called > nak.called &&
        (result as Delivery).value === item &&
        returnedAt < nak.calledAt + delay,
    );
    if (early !== undefined) world.violated(`${shown(early)} had an item before its delay, after ${shown(nak)}`);
  }
}

/** No more items than its pace allows leave a queue in any period. */
function checkRate(world: ObservedWorld): void {
  const gets = world.history.of('limited').filter(({ what, outcome }) => what === 'get' && outcome === 'done');
  for (const first of gets) {
    // All of them were handed out between the call of the first one and the end of the period.
    const within = gets.filter(({ calledAt, returnedAt }) => calledAt >= first.calledAt && returnedAt < first.calledAt + RATE.per);
    if (within.length > RATE.max) world.violated(`${within.length} items in ${RATE.per} ms, from ${shown(first)} on`);
  }
}

/** Each tick of a schedule is put once, whichever clients run it. */
function checkTicks(world: ObservedWorld): void {
  const calls = world.history.of('ticks').filter(({ outcome }) => outcome === 'done');
  const left = calls.filter(({ what }) => what === 'peek').flatMap(({ result }) => result as number[]);
  const taken = calls.filter(({ what, client }) => what === 'get' && !world.mayLose(client)).map(({ result }) => result as number);
  const all = [...left, ...taken];
  for (const tick of new Set(all)) {
    const count = all.filter((other) => other === tick).length;
    if (count > 1) world.violated(`the tick ${tick} was put ${count} times`);
  }
}
