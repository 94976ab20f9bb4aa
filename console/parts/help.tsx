import type { JSX } from 'preact';
import { Dialog } from './dialog.js';

const KEYS = [
  ['1 – 5', 'go to a page'],
  ['/', 'search'],
  ['↓ ↑ Home End', 'move through a table'],
  ['Enter', 'open, or do'],
  ['Esc', 'leave a field or a dialog; from an object, go back to all objects'],
  ['?', 'show these keys'],
] as const;

/** The keys of the console. */
export function Help({ close }: { close: () => void }): JSX.Element {
  return (
    <Dialog title="Keys" close={close}>
      <dl class="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
