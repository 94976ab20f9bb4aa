import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { duration } from '../cli/inspection/text.js';
import { messageOf } from './manager/call.js';
import { history, unreachable } from './manager/history.js';
import { forgetToken, refused, token } from './manager/token.js';
import { Locks } from './pages/locks.js';
import { ObjectPage } from './pages/object.js';
import { Objects } from './pages/objects.js';
import { Overview } from './pages/overview.js';
import { Queues } from './pages/queues.js';
import { Sessions } from './pages/sessions.js';
import { TokenForm } from './pages/token-form.js';
import { focusRow } from './parts/table.js';
import { Help } from './parts/help.js';
import { linkTo, route } from './route.js';

/** The pages of the console, in the order of their keys. */
export const PAGES = [
  { page: 'overview', title: 'Overview', view: Overview },
  { page: 'objects', title: 'Objects', view: Objects },
  { page: 'queues', title: 'Queues', view: Queues },
  { page: 'locks', title: 'Locks', view: Locks },
  { page: 'sessions', title: 'Sessions', view: Sessions },
] as const;

export function App(): JSX.Element {
  const { page, name } = route.value;
  const [helps, setHelps] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => onKey(event, () => setHelps(true));
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  const shown = PAGES.find((each) => each.page === page);
  useEffect(() => {
    document.title = `${name || shown?.title || 'commonhold'} · commonhold`;
  }, [page, name]);
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <Header openHelp={() => setHelps(true)} />
      <main id="main" tabIndex={-1}>
        {refused.value !== undefined ? (
          <TokenForm why={refused.value} />
        ) : page === 'object' ? (
          <ObjectPage key={name} name={name} />
        ) : shown === undefined ? (
          <p class="empty">
            There is no such page. Go to the <a href={linkTo('overview')}>overview</a>.
          </p>
        ) : (
          <shown.view />
        )}
      </main>
      {helps && <Help close={() => setHelps(false)} />}
    </>
  );
}

function Header({ openHelp }: { openHelp: () => void }): JSX.Element {
  const { page } = route.value;
  return (
    <header>
      <span class="brand">commonhold</span>
      <nav aria-label="Pages">
        {PAGES.map(({ page: each, title }) => (
          <a key={each} href={linkTo(each)} aria-current={each === page || (each === 'objects' && page === 'object') ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Status />
      {token.value !== '' && (
        <button type="button" class="quiet" onClick={leave}>
          Forget token
        </button>
      )}
      <button type="button" class="quiet" onClick={openHelp} aria-label="Keys" title="Keys (?)">
        ?
      </button>
    </header>
  );
}

function leave(): void {
  forgetToken();
  refused.value = 'the token was forgotten';
}

function Status(): JSX.Element {
  const last = history.value.at(-1);
  const error = unreachable.value;
  const failure = last?.stats.logFailure;
  const [state, text] =
    error !== undefined
      ? ['bad', messageOf(error)]
      : failure !== undefined
        ? ['warn', `only reads: ${failure}`]
        : last === undefined
          ? ['', 'connecting …']
          : ['good', `${last.stats.version}, up ${duration(last.stats.uptimeMs)}`];
  return (
    <span class={`status ${state}`} role="status">
      <i class="dot" />
      {text}
    </span>
  );
}

function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')!.focus();
}

/** Keys that work everywhere but in fields and dialogs. */
function onKey(event: KeyboardEvent, openHelp: () => void): void {
  const { target, key } = event;
  const field = target instanceof Element ? target.closest('input, textarea, select') : null;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
  if (field !== null) {
    if (key === 'Escape') (field as HTMLElement).blur();
    if (key === 'ArrowDown' && field.getAttribute('type') === 'search') {
      event.preventDefault();
      focusRow(document.querySelector('tbody tr'));
    }
    return;
  }
  const page = PAGES[Number(key) - 1];
  if (page !== undefined) location.hash = linkTo(page.page);
  else if (key === '?') openHelp();
  else if (key === 'Escape' && route.value.page === 'object') location.hash = linkTo('objects');
  else if (key === '/') {
    event.preventDefault();
    const search = document.querySelector<HTMLInputElement>('input[type=search]');
    if (search === null) location.hash = linkTo('objects');
    else search.select();
  }
}
