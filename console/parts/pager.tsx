import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** The pages of a list that were seen, up to the present one. */
export interface Pages {
  /** Token of the present page; empty for the first. */
  readonly token: string;
  /** From 0. */
  readonly index: number;
  readonly go: (tokens: readonly string[]) => void;
  readonly tokens: readonly string[];
}

/** Begins with the first page, also when one of the inputs changes. */
export function usePages(inputs: readonly unknown[]): Pages {
  const [tokens, go] = useState<readonly string[]>(['']);
  useEffect(() => go(['']), inputs);
  return { token: tokens.at(-1)!, index: tokens.length - 1, go, tokens };
}

/** Buttons to the page before and the next one. @param props.next token of the next page; empty on the last */
export function Pager({ pages, next = '' }: { pages: Pages; next?: string | undefined }): JSX.Element {
  const { index, tokens, go } = pages;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <button type="button" disabled={index === 0} onClick={() => go(tokens.slice(0, -1))} aria-label="Page before">
        ←
      </button>
      <span aria-live="polite">page {index + 1}</span>
      <button type="button" disabled={next === ''} onClick={() => go([...tokens, next])} aria-label="Next page">
        →
      </button>
    </nav>
  );
}
