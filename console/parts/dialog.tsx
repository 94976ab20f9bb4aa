import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../manager/call.js';

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Closes it: by Esc, by the button, and after the action. */
  readonly close: () => void;
  /** Runs if its user agrees; its error is shown in the dialog, which stays. */
  readonly action?: { readonly label: string; readonly isDangerous?: boolean; readonly run: () => Promise<unknown> } | undefined;
}

/** A dialog over the page. The browser keeps the focus in it, and gives it back. */
export function Dialog({ title, children, close, action }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  // Before the page is shown again: a key pressed right after the click belongs to the dialog.
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    // Gives the focus back, which a dialog that is only removed does not.
    return () => element.close();
  }, []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await action?.run();
      close();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={heading} onCancel={close}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id={heading}>{title}</h2>
        {children}
        {error !== undefined && <ErrorNote error={error} />}
        <div class="buttons">
          <button type="button" onClick={close}>
            {action === undefined ? 'Close' : 'Cancel'}
          </button>
          {action !== undefined && (
            <button type="submit" class={action.isDangerous === true ? 'danger' : 'primary'} disabled={busy}>
              {action.label}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

/** An error, shown where it happened. */
export function ErrorNote({ error }: { error: unknown }): JSX.Element {
  return (
    <p class="error" role="alert">
      {messageOf(error)}
    </p>
  );
}
