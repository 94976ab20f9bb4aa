import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { Manager } from 'commonhold';
import { hasBrowser, startBrowser } from '../support/browser.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { until } from '../support/until.js';
import { secretOf, writeTokens, type TokenEntry } from '../support/tokens.js';
import { ENTRIES, fill, type World } from './world.js';

// The console in Debian's Chromium, on a daemon in another process with clients under load.

const ALL = { objects: '*' } as const;
const TOKENS: readonly TokenEntry[] = [
  { name: 'viewer', token: secretOf('viewer'), rights: [{ ...ALL, verbs: ['read'] }] },
  { name: 'operator', token: secretOf('operator'), rights: [{ ...ALL, verbs: ['read', 'write', 'admin'] }] },
];

let folder: Temporary;
let daemon: Daemon;
let url: string;
let world: World;
let client: Manager;
let browser: Browser;
let page: Page;
const ended = new AbortController();
let load: Promise<void>;

/** Everything that a page must not do: throw, complain, ask another host. */
const faults: string[] = [];

const describeInBrowser = hasBrowser ? describe : describe.skip;
if (!hasBrowser) test.skip('there is no browser: install the Debian package chromium', () => {});

async function open(): Promise<Page> {
  const opened = await browser.newPage({ colorScheme: 'light', viewport: { width: 1_200, height: 800 } });
  opened.on('pageerror', (error) => faults.push(String(error.stack)));
  opened.on('console', (message) => {
    // The browser tells refused calls by itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  opened.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked ${request.url()}`);
    if (request.url().includes(encodeURIComponent(secretOf('operator')))) faults.push(`token in ${request.url()}`);
  });
  await opened.goto(url);
  return opened;
}

async function enter(token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Use token' }).click();
}

const forget = (): Promise<void> => page.getByRole('button', { name: 'Forget token' }).click();

const table = (label: string): Locator => page.getByRole('table', { name: label, exact: true });
const rows = (label: string): Locator => table(label).locator('tbody tr');
const dialog = (): Locator => page.getByRole('dialog');

/** Waits until the text of an element matches. */
async function says(locator: Locator, pattern: RegExp | string): Promise<void> {
  await locator.filter({ hasText: pattern }).first().waitFor();
}

/** A script of the page: turns the pages of a table to its end, and returns the texts of the first cells of all of their rows. */
const WALK = `(async () => {
  const next = document.querySelector('button[aria-label="Next page"]');
  // Each page is a table of its own.
  const rows = () => [...document.querySelectorAll('table[aria-label="Contents"] tbody tr')];
  const top = () => rows()[0]?.cells[0].textContent;
  const seen = [];
  for (;;) {
    const before = top();
    seen.push(...rows().map((row) => row.cells[0].textContent));
    if (next.disabled) return seen;
    const turned = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (top() === undefined || top() === before) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    next.click();
    await turned;
  }
})()`;

/** Tells the document of a tab that it is hidden or shown, since a browser without windows hides none. Counts the calls from then on. */
function setHidden(tab: Page, hidden: boolean): Promise<void> {
  return tab.evaluate(`{
    window.asked = 0;
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
    document.dispatchEvent(new Event('visibilitychange'));
  }`);
}

async function count(): Promise<void> {
  const counts = client.dict<string, number>('shop.counts');
  while (!ended.signal.aborted) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => counts.add(`page ${index}`, 1)));
    await pause(20);
  }
}

describeInBrowser('the console', () => {
  beforeAll(async () => {
    folder = new Temporary();
    const flags = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--slow-call', '5', '--tokens', writeTokens(folder, TOKENS)];
    const starting = startBrowser();
    daemon = await Daemon.serve(flags);
    [, url] = (await daemon.program.said(/shows its console at (\S+)\n/)) as unknown as [string, string];
    const connect = (label: string): Promise<Manager> => Manager.connect(daemon.address, { token: secretOf('operator'), label });
    world = await fill(connect);
    client = await connect('load');
    load = count();
    browser = await starting;
    page = await open();
  });

  afterAll(async () => {
    ended.abort();
    await load;
    await browser?.close();
    await client?.close();
    await world?.[Symbol.asyncDispose]();
    await daemon?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('asks for a token, and refuses a wrong one with the reason', async () => {
    await says(page.locator('h1'), 'This manager needs a token');
    await enter('wrong');
    await says(page.getByRole('alert'), 'The manager refused this token');
    await enter(secretOf('operator'));
    await says(page.getByRole('status'), /, up \d/);
    // Kept for the tab: not asked for again.
    await page.reload();
    await says(page.getByRole('status'), /, up \d/);
    expect(page.url()).not.toContain('secret');
  });

  test('shows rates, latencies and limits as they are', async () => {
    const calls = page.locator('.tiles > div', { hasText: 'Calls/s' }).locator('dd');
    await says(calls, /^[\d,]{3,}$/);
    await says(page.locator('figure', { hasText: 'Latency' }).locator('.legend'), /\d ms/);
    expect(await page.locator('figure canvas').count()).toBe(6);
    // The load adds to a dict: its method has a rate and a time.
    await says(rows('Methods').filter({ hasText: 'DictService/Add' }), /DictService\/Add[\d.,k]+ ?[\d.]+ ms[\d.]+ %/);
    await says(page.locator('figure', { hasText: 'Execution time' }).locator('.legend'), /\d ms/);
    await client.list('shop.numbers').push(...Array.from({ length: 100_000 }, (_, index) => index));
    await says(rows('Slow calls').filter({ hasText: 'ListService/Push' }), 'shop.numbers');
    await says(table('Limits'), 'connections');
  });

  test('finds objects by a part of their names, and by their kind', async () => {
    await page.keyboard.press('2');
    await says(table('Objects'), 'shop.orders');
    await page.getByLabel('Search names').fill('orders');
    await until('one object', async () => (await rows('Objects').count()) === 1);
    await page.getByLabel('Search names').fill('');
    await page.getByLabel('Kind').selectOption('queue');
    await says(table('Objects'), 'mails.dead');
    await table('Objects').getByText('shop.orders').waitFor({ state: 'detached' });
    await page.getByLabel('Search names').fill('nothing like this');
    await says(page.locator('.empty'), 'No object matches');
  });

  test('pages through all entries of a large dict', async () => {
    await page.goto(`${url}#/object/shop.orders`);
    const first = table('Contents').locator('tbody tr').first();
    await says(first, 'order-00000');
    expect(await page.evaluate(WALK)).toEqual(Array.from({ length: ENTRIES }, (_, index) => `order-${String(index).padStart(5, '0')}`));
    await page.getByLabel('Keys that begin with').fill('order-0123');
    await says(first, 'order-01230');
    await until('ten keys', async () => (await rows('Contents').count()) === 10);
  });

  test('shows values as programs have them, and follows references', async () => {
    await page.goto(`${url}#/object/shop.settings`);
    await says(rows('Contents'), "Map(2) { 'DE' => 0.19, 'FR' => 0.2 }");
    await says(rows('Contents'), '2026-11-30T08:00:00.000Z');
    await page.getByRole('button', { name: 'rates' }).click();
    await says(dialog(), 'JSON cannot express all of this value');
    expect(await dialog().getByRole('button', { name: 'Edit' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: "dict 'shop.orders'" }).click();
    await says(page.locator('h1'), 'shop.orders');
  });

  test('edits a value, unless another client has changed it meanwhile', async () => {
    const settings = client.dict('shop.settings');
    await page.goto(`${url}#/object/shop.settings`);
    const edit = async (text: string): Promise<void> => {
      await page.getByRole('button', { name: 'currency' }).click();
      await dialog().getByRole('button', { name: 'Edit' }).click();
      await dialog().getByLabel('Value, as JSON').fill(text);
    };
    await edit('{ "code": "CHF" }');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await says(rows('Contents'), "{ code: 'CHF' }");
    expect(await settings.get('currency')).toEqual({ code: 'CHF' });

    await edit('CHF');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await says(dialog().getByRole('alert'), 'this is no JSON');
    await settings.set('currency', 'USD');
    await dialog().getByLabel('Value, as JSON').fill('"GBP"');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await says(dialog().getByRole('alert'), 'another client has changed this value meanwhile');
    await page.keyboard.press('Escape');
    expect(await settings.get('currency')).toBe('USD');
  });

  test('adds and removes values', async () => {
    await page.goto(`${url}#/object/shop.limits`);
    await page.getByRole('button', { name: 'Add …' }).click();
    await dialog().getByLabel('Property, a text').fill('perHour');
    await dialog().getByLabel('Value, as JSON').fill('[1, 2]');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'perHour' }).click();
    expect(await client.namespace('shop.limits').toObject()).toMatchObject({ perHour: [1, 2] });
    await dialog().getByRole('button', { name: 'Remove …' }).click();
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'perHour' }).waitFor({ state: 'detached' });
    expect(await client.namespace('shop.limits').toObject()).not.toHaveProperty('perHour');
  });

  test.each([
    ['shop.visits', "{ page: '/item/0', ms: 0 }"],
    ['shop.stock', '3'],
    ['shop.countries', "'FR'"],
    ['shop.total', '1204'],
    ['shop.isOpen', 'true'],
  ])('shows the contents of %s', async (name, text) => {
    await page.goto(`${url}#/object/${name}`);
    await says(rows('Contents'), text);
  });

  test('shows the depth of queues over time, and their items in each state', async () => {
    await page.keyboard.press('3');
    await page.locator('.spark polyline').first().waitFor({ state: 'attached' });
    await table('Queues').getByRole('link', { name: 'mails', exact: true }).click();
    await says(page.locator('figure .legend'), 'waiting 39');
    await says(rows('Items that are waiting'), "{ to: 'customer 1', subject: 'Your invoice' }");
    await page.getByRole('button', { name: 'delayed' }).click();
    await says(rows('Items that are delayed'), 'news');
    await page.getByRole('button', { name: 'delivered' }).click();
    await says(rows('Items that are delivered'), 'Your invoice');
  });

  test('sends dead letters back, one or all, and drops items, if its user agrees', async () => {
    const waiting = (): Promise<number> => client.queue('mails').size();
    const before = await waiting();
    await page.goto(`${url}#/object/mails.dead`);
    await says(rows('Items that are waiting'), 'the mail server said 550');
    await rows('Items that are waiting').filter({ hasText: 'mail-1' }).getByRole('button').click();
    await dialog().getByRole('button', { name: 'Send back …' }).click();
    await says(dialog(), 'Send the letter mail-1 back to the queue mails');
    await dialog().getByRole('button', { name: 'Send back', exact: true }).click();
    await rows('Items that are waiting').filter({ hasText: 'mail-1' }).waitFor({ state: 'detached' });
    expect(await waiting()).toBe(before + 1);
    await page.getByRole('button', { name: 'Send all back …' }).click();
    await dialog().getByRole('button', { name: 'Send all back …' }).click();
    await says(page.locator('.empty'), 'No item waits');
    expect(await waiting()).toBe(before + 3);

    await page.goto(`${url}#/object/mails`);
    await says(rows('Items that are waiting'), 'Your invoice');
    await page.getByRole('button', { name: 'Drop all …' }).click();
    await page.keyboard.press('Escape');
    expect(await waiting()).toBe(before + 3);
    await page.getByRole('button', { name: 'Drop all …' }).click();
    await dialog().getByRole('button', { name: 'Drop all …' }).click();
    await says(page.locator('.empty'), 'No item waits');
    expect(await waiting()).toBe(0);
  });

  test('shows holders and waiters, and marks the circle', async () => {
    await page.keyboard.press('4');
    await says(page.getByRole('status'), '2 wait in a circle');
    const graph = page.locator('.graph svg');
    expect(await graph.getAttribute('aria-label')).toMatch(/worker-1 waits \S+ account-2/);
    expect((await graph.locator('.node.stuck text:not(.detail)').allTextContents()).sort()).toEqual([
      'account-1',
      'account-2',
      'worker-1',
      'worker-2',
    ]);
    expect(await graph.locator('.edge.stuck').count()).toBe(4);
    await says(rows('Holders and waiters').filter({ hasText: 'worker-2' }), 'in a circle');
    await says(rows('Holders and waiters').filter({ hasText: 'nightly' }), 'reports');
  });

  test('lists sessions with their tokens', async () => {
    await page.keyboard.press('5');
    await says(rows('Sessions').filter({ hasText: 'reports' }), 'operator');
    expect(await rows('Sessions').count()).toBe(5);
  });

  test('is used by the keyboard alone', async () => {
    await forget();
    const press = (...keys: string[]): Promise<void> =>
      keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = page.locator(':focus');
    const tabTo = (text: string): Promise<void> =>
      until(`the focus is on ${text}`, async () => {
        if ((await focused.textContent()) === text) return true;
        await press('Tab');
        return false;
      });
    await page.getByLabel('Token').waitFor();
    await page.keyboard.type(secretOf('operator'));
    await press('Enter', '2');
    await says(rows('Objects'), 'shop.settings');
    await press('/');
    await page.keyboard.type('shop.l');
    await until('one object', async () => (await rows('Objects').count()) === 1);
    await press('ArrowDown');
    expect(await focused.textContent()).toBe('shop.limits');
    await press('Enter');
    await says(page.locator('h1'), 'shop.limits');
    await page.getByRole('button', { name: 'perDay' }).focus();
    await press('ArrowUp');
    expect(await focused.textContent()).toBe('perCustomer');
    await press('End');
    expect(await focused.textContent()).toBe('perDay');
    await press('Enter');
    await dialog().waitFor();
    await tabTo('20000');
    await tabTo('Edit …');
    await press('Enter');
    await until('the focus is in the field', async () => (await focused.getAttribute('rows')) !== null);
    await press('Control+a');
    await page.keyboard.type('30000');
    await tabTo('Save');
    await press('Enter');
    await says(rows('Contents'), '30000');
    // The focus is back where it was, and the way out is Esc.
    expect(await focused.textContent()).toBe('perDay');
    await press('Escape');
    await says(page.locator('h1'), /^Objects$/);
    await press('?');
    await says(dialog(), 'move through a table');
  });

  test('refuses changes to a token that only reads, and shows everything to it', async () => {
    await page.keyboard.press('Escape');
    await forget();
    await enter(secretOf('viewer'));
    await page.goto(`${url}#/object/shop.limits`);
    await page.getByRole('button', { name: 'perCustomer' }).click();
    await dialog().getByRole('button', { name: 'Edit' }).click();
    await dialog().getByLabel('Value, as JSON').fill('6');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await says(dialog().getByRole('alert'), 'no right to write "shop.limits"');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Destroy …' }).click();
    await dialog().getByRole('button', { name: 'Destroy …' }).click();
    await says(dialog().getByRole('alert'), 'no right to admin "shop.limits"');
    expect(await client.namespace('shop.limits').toObject()).toMatchObject({ perCustomer: 5 });
    await page.keyboard.press('Escape');
    await forget();
    await enter(secretOf('operator'));
  });

  test('destroys an object, if its user agrees', async () => {
    await client.list('shop.old').push(1);
    await page.goto(`${url}#/object/shop.old`);
    await page.getByRole('button', { name: 'Destroy …' }).click();
    await says(dialog(), 'nothing brings it back');
    await dialog().getByRole('button', { name: 'Destroy …' }).click();
    await says(page.locator('.empty'), 'There is no object of this name now');
  });

  test('is dark where the system is', async () => {
    const brightness = async (): Promise<number> => {
      const [, red] = /rgb\((\d+)/.exec(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'))!;
      return Number(red);
    };
    expect(await brightness()).toBeGreaterThan(200);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await brightness()).toBeLessThan(60);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('asks nothing while its tab is hidden, and again once it is shown', async () => {
    const tab = await browser.newPage();
    await tab.clock.install();
    await tab.addInitScript(`sessionStorage.setItem('commonhold-token', ${JSON.stringify(secretOf('operator'))})`);
    await tab.addInitScript('{ const { fetch } = window; window.fetch = (...call) => (window.asked++, fetch(...call)); }');
    await tab.goto(url);
    await says(tab.getByRole('status'), /, up \d/);
    await setHidden(tab, true);
    for (let times = 0; times < 3; times++) await tab.clock.fastForward(20_000);
    expect(await tab.evaluate('window.asked')).toBe(0);
    await setHidden(tab, false);
    for (let times = 0; times < 2; times++) {
      await Promise.all([tab.waitForResponse((response) => response.url().endsWith('/Stats')), tab.clock.fastForward(2_000)]);
    }
    await tab.context().close();
  });

  test('fits a window of 800 pixels', async () => {
    await page.setViewportSize({ width: 800, height: 700 });
    for (const hash of ['overview', 'objects', 'queues', 'locks', 'sessions', 'object/shop.orders']) {
      await page.goto(`${url}#/${hash}`);
      await page.locator('h1').first().waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(800);
    }
  });

  test('runs no script of others, asks no other host, and complains of nothing', async () => {
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
    }`);
    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(faults.filter((fault) => !fault.includes('inline script'))).toEqual([]);
    expect(faults.filter((fault) => fault.includes('inline script'))).toHaveLength(1);
  });

  test('says so when the manager is gone', async () => {
    ended.abort();
    await load;
    await daemon.stop();
    await says(page.getByRole('status'), 'the manager does not answer');
  });
});
