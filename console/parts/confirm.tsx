import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.js';

interface ActionProps {
  readonly label: string;
  /** The user has to agree to it. */
  readonly question: string;
  readonly isDangerous?: boolean;
  readonly disabled?: boolean;
  readonly run: () => Promise<unknown>;
}

/** A button that asks before it acts. */
export function ConfirmedAction({ label, question, isDangerous = false, disabled = false, run }: ActionProps): JSX.Element {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <button type="button" class={isDangerous ? 'danger' : ''} disabled={disabled} onClick={() => setAsks(true)}>
        {label}
      </button>
      {asks && (
        <Dialog title={label} close={() => setAsks(false)} action={{ label, isDangerous, run }}>
          <p>{question}</p>
        </Dialog>
      )}
    </>
  );
}
