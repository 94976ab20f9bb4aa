import type { JSX } from 'preact';
import { lockState, isLong, type LockState } from '../manager/locks.js';
import { usePoll } from '../manager/poll.js';
import { ErrorNote } from '../parts/dialog.js';
import { LockGraph } from './lock-graph.js';
import { LockTable } from './lock-list.js';

/** Holders of locks and permits, and the calls that wait for them. */
export function Locks(): JSX.Element {
  const polled = usePoll((abort) => lockState('', abort), []);
  const state = polled.value;
  return (
    <>
      <div class="bar">
        <h1>Locks</h1>
        <span class="space" />
        {state !== undefined && <Summary state={state} />}
      </div>
      {polled.error !== undefined && <ErrorNote error={polled.error} />}
      {state !== undefined && (
        <section class="card">
          <div class="bar">
            <h2>Waits</h2>
          </div>
          <LockGraph state={state} />
        </section>
      )}
      <section class="card">
        <div class="bar">
          <h2>Holders and waiters</h2>
        </div>
        <LockTable state={state} />
      </section>
    </>
  );
}

function Summary({ state }: { state: LockState }): JSX.Element {
  const { locks, stuck, isPart } = state;
  const long = locks.filter((lock) => lock.holders.some((holder) => isLong(holder, lock))).length;
  return (
    <p class="summary" role="status">
      {locks.length} locks{isPart ? ', and more' : ''}
      {stuck.size > 0 && <span class="bad">{stuck.size} wait in a circle, and never go on by themselves</span>}
      {long > 0 && <span class="warn">{long} held for long while others wait</span>}
    </p>
  );
}
