import { readFile } from 'node:fs/promises';
import { CONSOLE } from '../paths.js';

/** A file of the console. */
export interface Asset {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The page runs its own scripts alone, talks to this address alone, and stands in no page of another site. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Names that the build makes: each has the hash of its content. */
const HASHED = /^[a-z]+-[A-Z0-9]{8}\.(css|js|svg)$/;

/** Returns the file of the console at a path: its page at `/`, and what that loads. Undefined if there is none. */
export async function consoleAsset(path: string): Promise<Asset | undefined> {
  if (path === '/') return { body: await readFile(new URL('index.html', CONSOLE)), headers: PAGE_HEADERS };
  const name = path.slice(1);
  const type = TYPES[HASHED.exec(name)?.[1] ?? ''];
  if (type === undefined) return undefined;
  const body = await readFile(new URL(name, CONSOLE)).catch(() => undefined);
  return body && { body, headers: { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' } };
}
