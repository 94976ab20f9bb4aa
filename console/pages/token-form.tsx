import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { token, useToken } from '../manager/token.js';

/** Asks for the token of the manager. @param props.why the reason that the manager gave */
export function TokenForm({ why }: { why: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current!.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = field.current!.value.trim();
    if (text !== '') useToken(text);
  };
  return (
    <form class="card token" onSubmit={submit}>
      <h1>This manager needs a token</h1>
      <label>
        Token
        <input ref={field} type="password" name="token" autocomplete="off" spellcheck={false} required />
      </label>
      <p class={token.value === '' ? 'hint' : 'error'} role={token.value === '' ? undefined : 'alert'}>
        {token.value === ''
          ? 'It is in the file of --token-file, or in that of --tokens. This tab keeps it until it is closed.'
          : `The manager refused this token: ${why}.`}
      </p>
      <div class="buttons">
        <button type="submit" class="primary">
          Use token
        </button>
      </div>
    </form>
  );
}
