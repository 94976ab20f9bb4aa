import { signal } from '@preact/signals';

/** The part of the console that is shown, as in the address: `#/objects?search=job`. */
export interface ConsoleRoute {
  readonly page: string;
  /** Name of the object, on the page of one. */
  readonly name: string;
  readonly parameters: URLSearchParams;
}

export const route = signal(read());

addEventListener('hashchange', () => (route.value = read()));

function read(): ConsoleRoute {
  const [path = '', query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page = '', name = ''] = path.split('/');
  return { page: page || 'overview', name: decoded(name), parameters: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The link to a page. */
export function linkTo(page: string, name?: string, parameters: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  const query = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${page}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${query}`;
}

/** Changes parameters of this page without a step in the history of the browser. */
export function replaceParameters(parameters: Readonly<Record<string, string>>): void {
  const { page, name } = route.value;
  history.replaceState(null, '', linkTo(page, name || undefined, parameters));
  route.value = read();
}
