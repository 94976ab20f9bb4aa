// Takes the screenshots of docs/console.md: node dist/test/console/screenshots.js [DIRECTORY]. Needs Chromium; COMMONHOLD_SHOTS=all takes one of
// each page.
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { Manager } from 'commonhold';
import { Daemon } from '../support/daemon.js';
import { startBrowser } from '../support/browser.js';
import { fill } from './world.js';

/** Seconds of load before the first picture, so that the plots have something to show. */
const LOAD_SECONDS = Number(process.env['LOAD_SECONDS'] ?? 75);
const SHOWN = [
  { name: 'overview', hash: '#/overview', schemes: ['light', 'dark'], height: 1_000 },
  { name: 'objects', hash: '#/objects', schemes: [] },
  { name: 'object', hash: '#/object/shop.orders', schemes: ['light'] },
  { name: 'settings', hash: '#/object/shop.settings', schemes: [] },
  { name: 'queues', hash: '#/queues', schemes: [] },
  { name: 'queue', hash: '#/object/mails.dead', schemes: ['dark'] },
  { name: 'jobs', hash: '#/object/jobs', schemes: [] },
  { name: 'locks', hash: '#/locks', schemes: ['light'] },
  { name: 'sessions', hash: '#/sessions', schemes: [] },
] as const;

const directory = process.argv[2] ?? 'docs';
const all = process.env['COMMONHOLD_SHOTS'] === 'all';
await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--slow-call', '80']);
const [, url] = await daemon.program.said(/shows its console at (\S+)\n/);
await using world = await fill((label) => Manager.connect(daemon.address, { label }));
const ended = new AbortController();
const load = Promise.all([orders(world.clients[0]!), jobs(world.clients[1]!, world.clients[2]!), report(world.clients[3]!)]);
await using browser = await startBrowser();
const pages = await Promise.all(
  (['light', 'dark'] as const).map(async (colorScheme) => {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1_200, height: 760 } });
    await page.goto(`${url}#/overview`);
    return [colorScheme, page] as const;
  }),
);
await pause(LOAD_SECONDS * 1_000);
for (const { name, hash, schemes, ...shown } of SHOWN) {
  for (const [scheme, page] of pages) {
    if (!all && !(schemes as readonly string[]).includes(scheme)) continue;
    await page.setViewportSize({ width: 1_200, height: 'height' in shown ? shown.height : 760 });
    await shoot(page, hash, `${directory}/console-${name}-${scheme}.png`);
  }
}
ended.abort();
await load;

async function shoot(page: Page, hash: string, path: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  // Pages of one object show its depth over time.
  await pause(hash.includes('/object/jobs') || hash.includes('queue') ? 12_000 : 2_500);
  await page.screenshot({ path });
}

/** A report is made of many rows, which takes long. */
async function report(client: Manager): Promise<void> {
  const rows = client.list<number>('reports.nightly');
  for (let round = 0; round < 3; round++) await rows.extend(Array.from({ length: 250_000 }, (_, index) => index));
  await rows.indexOf(-1);
}

/** Orders come in waves. */
async function orders(client: Manager): Promise<void> {
  const dict = client.dict<string, unknown>('shop.orders');
  const visits = client.dict<string, number>('shop.counts');
  for (let count = 0; !ended.signal.aborted; count++) {
    const many = 20 + Math.round(60 * (1 + Math.sin(count / 90)) + 25 * Math.sin(count / 7));
    await Promise.all(Array.from({ length: Math.max(1, many) }, (_, index) => visits.add(`page ${index % 50}`, 1)));
    await dict.set(`order-${String(count % 10_000).padStart(5, '0')}`, {
      id: count,
      customer: `customer ${count % 900}`,
      total: 12.5,
      items: ['tea'],
    });
    await pause(20);
  }
}

/** Jobs come faster than they are done, then slower. */
async function jobs(producer: Manager, consumer: Manager): Promise<void> {
  const queue = producer.queue<{ job: string; customer: number }>('jobs');
  const taken = consumer.queue<{ job: string; customer: number }>('jobs');
  for (let count = 0; !ended.signal.aborted; count++) {
    const puts = Math.round(6 + 5 * Math.sin(count / 40));
    for (let index = 0; index < puts; index++) await queue.put({ job: 'invoice', customer: count }, { id: `invoice-${count}-${index}` });
    for (let index = 0; index < 6; index++) {
      const delivery = await taken.get({ ack: true, timeout: 0 }).catch(() => undefined);
      if (delivery === undefined) break;
      if (index > 0 || count % 3 === 0) await delivery.ack();
      else setTimeout(() => void delivery.ack().catch(() => {}), 1_500);
    }
    await pause(60);
  }
}
