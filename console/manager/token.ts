import { signal } from '@preact/signals';

const KEY = 'commonhold-token';

/** The token of this tab, which ends with it; empty if there is none. */
export const token = signal(sessionStorage.getItem(KEY) ?? '');
/** The reason why the manager wants another token; undefined while it takes this one. */
export const refused = signal<string | undefined>(undefined);

export function useToken(text: string): void {
  sessionStorage.setItem(KEY, text);
  token.value = text;
  refused.value = undefined;
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
  token.value = '';
}
