import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { duration, size } from '../../cli/inspection/text.js';
import { NotFoundError } from '../../proto/errors.js';
import { ManagerService, type ObjectInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { call } from '../manager/call.js';
import { usePoll } from '../manager/poll.js';
import { ConfirmedAction } from '../parts/confirm.js';
import { count } from '../parts/counts.js';
import { ErrorNote } from '../parts/dialog.js';
import { linkTo } from '../route.js';
import { Contents } from './contents.js';
import { LockList } from './lock-list.js';
import { optionsText } from './objects.js';
import { Queue } from './queue.js';

/** One object: its properties, and its contents. */
export function ObjectPage({ name }: { name: string }): JSX.Element {
  const [destroyed, setDestroyed] = useState(false);
  const polled = usePoll((abort) => call(ManagerService.methods.describe, { name }, abort), [name]);
  const info = polled.value?.object;
  const isGone = destroyed || polled.error instanceof NotFoundError;
  const destroy = async (): Promise<void> => {
    await call(ManagerService.methods.destroy, { name, kind: info!.kind });
    setDestroyed(true);
  };
  return (
    <>
      <div class="bar">
        <h1>
          <a href={linkTo('objects')}>Objects</a> <span class="muted">/</span> {name}{' '}
          {info !== undefined && <span class="kind">{info.kind}</span>}
        </h1>
        <span class="space" />
        {info !== undefined && !isGone && (
          <ConfirmedAction
            label="Destroy …"
            isDangerous
            question={`Destroy the ${info.kind} "${name}" with all that it holds? Calls that wait on it fail, and nothing brings it back.`}
            run={destroy}
          />
        )}
      </div>
      {isGone ? (
        <p class="empty">
          There is no object of this name now. Go to <a href={linkTo('objects')}>all objects</a>.
        </p>
      ) : (
        <>
          {polled.error !== undefined && <ErrorNote error={polled.error} />}
          {info !== undefined && <Facts info={info} />}
          {info?.kind === 'queue' && <Queue info={info} />}
          {info !== undefined && <Contents name={name} kind={info.kind} />}
          {info !== undefined && (info.holders.length > 0 || info.waiters > 0) && info.kind !== 'queue' && <LockList match={name} />}
        </>
      )}
    </>
  );
}

function Facts({ info }: { info: ObjectInfo }): JSX.Element {
  const { home, expiresInMs } = info;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Size', count(info.size)],
    ['Bytes', size(info.bytes)],
    ['Age', duration(info.ageMs)],
    ['Ends in', expiresInMs === undefined ? undefined : duration(expiresInMs)],
    ['Holders', count(info.holders.length)],
    ['Waiting calls', count(info.waiters)],
    ['Options', optionsText(info.options) || undefined],
    ['Home', home && `${home.label}, process ${home.pid} on ${home.host}`],
  ];
  return (
    <dl class="facts">
      {facts.map(
        ([title, text]) =>
          text !== undefined && (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
