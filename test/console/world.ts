import { setTimeout as pause } from 'node:timers/promises';
import type { Manager } from 'commonhold';

/** Objects and clients as a shop has them, with something to see on each page of the console. */
export interface World extends AsyncDisposable {
  /** The clients, each with a session. */
  readonly clients: readonly Manager[];
}

/** Entries of the dict to page through. */
export const ENTRIES = 10_000;

/** Fills a manager, and leaves locks held and waited for. @param connect makes a client with a label */
export async function fill(connect: (label: string) => Promise<Manager>): Promise<World> {
  const clients = await Promise.all(['web', 'worker-1', 'worker-2', 'reports'].map(connect));
  const [web, one, two, reports] = clients as [Manager, Manager, Manager, Manager];
  await web.dict('shop.orders').setMany(new Map(Array.from({ length: ENTRIES }, (_, index) => [keyOf(index), orderOf(index)])));
  await web.dict('shop.settings').setMany(
    new Map<string | number, unknown>([
      ['currency', 'EUR'],
      ['opened', new Date('2026-11-30T08:00:00Z')],
      [
        'rates',
        new Map([
          ['DE', 0.19],
          ['FR', 0.2],
        ]),
      ],
      [7, 'a number as a key'],
      ['orders', web.dict('shop.orders')],
    ]),
  );
  await web.namespace('shop.limits').assign({ perCustomer: 5, perDay: 20_000 });
  await web.list('shop.visits').push(...Array.from({ length: 250 }, (_, index) => ({ page: `/item/${index}`, ms: index % 40 })));
  await web.set('shop.countries').add('DE', 'FR', 'IT');
  await web.value('shop.total', 1_204).create();
  await web
    .array(
      'shop.stock',
      'i32',
      Array.from({ length: 150 }, (_, index) => index * 3),
    )
    .create();
  await web.event('shop.isOpen').set();
  await queues(web, one);
  await locks(one, two, reports);
  return {
    clients,
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
    },
  };
}

const keyOf = (index: number): string => `order-${String(index).padStart(5, '0')}`;

function orderOf(index: number) {
  return {
    id: index,
    customer: `customer ${(index * 7) % 900}`,
    total: ((index * 37) % 9_000) / 100,
    items: ['tea', 'cup'].slice(0, 1 + (index % 2)),
  };
}

async function queues(web: Manager, worker: Manager): Promise<void> {
  const mails = web.queue('mails', { deadLetter: { queue: 'mails.dead', maxDeliveries: 1 } });
  for (let index = 0; index < 3; index++) await mails.put({ to: `customer ${index}`, subject: 'Your order' }, { id: `mail-${index}` });
  for (let index = 0; index < 3; index++) {
    const delivery = await worker.queue('mails').get({ ack: true });
    await delivery.nak({ reason: 'the mail server said 550' });
  }
  for (let index = 0; index < 40; index++) await mails.put({ to: `customer ${index}`, subject: 'Your invoice' });
  await mails.put({ to: 'all', subject: 'News' }, { delay: 3_600_000, id: 'news' });
  await worker.queue('mails').get({ ack: true, lease: 3_600_000 });
}

/** Two workers wait for each other's lock, as sessions without owners, and so for ever; a third waits for a lock that is held. */
async function locks(one: Manager, two: Manager, reports: Manager): Promise<void> {
  await one.lock('account-1').acquire();
  await two.lock('account-2').acquire();
  await reports.lock('nightly').acquire();
  const waits = [one.lock('account-2').acquire(), two.lock('account-1').acquire(), one.lock('nightly').acquire()];
  for (const wait of waits) wait.catch(() => {});
  while ((await reports.locks()).locks.filter(({ waiting }) => waiting > 0).length < 3) await pause(10);
}
