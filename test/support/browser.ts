import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Chromium of Debian, from its package `chromium`. */
const CHROMIUM = '/usr/bin/chromium';

/** True if there is a browser. */
export const hasBrowser = existsSync(CHROMIUM);

/** Starts a browser without a window, which talks to no host by itself. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
