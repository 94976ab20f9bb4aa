import { readFileSync } from 'node:fs';

/** Version of this package. */
export const VERSION = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** Version of the session protocol. */
export const PROTOCOL = 1;
