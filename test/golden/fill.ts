import type { Manager } from '../../client/index.js';

/** Fills a manager with objects of all kinds; their names begin with `part`. */
export async function fill(manager: Manager, part: string): Promise<void> {
  const dict = manager.dict<string | bigint, unknown>(`${part} dict`);
  await dict.set('json', { nested: [1, 'two', null] });
  await dict.set(1n, [NaN, -0, 2n ** 80n, new Date(0), new Map([['a', new Set([1])]]), new Float32Array([1, 2])]);
  await dict.set('object', manager.list(`${part} list`));
  await dict.setMany([
    ['a', 1],
    ['b', 2],
  ]);
  await dict.delete('b');
  await manager.list<number>(`${part} list`).push(1, 2, 3);
  await manager.set(`${part} set`).add('x', 'y');
  await manager.value(`${part} value`, 7).add(2);
  await manager.array(`${part} array`, 'f64', 3).set(1, 0.5);
  await manager.event(`${part} event`).set();
  await manager.namespace(`${part} namespace`).set('x', { y: 1 });
  await manager.pipe(`${part} pipe`)[0].send('message');
  await manager.object<{ pay(amount: number): void }>('Account', `${part} account`).pay(5);

  const queue = manager.queue<string>(`${part} queue`, { order: 'priority' });
  await queue.put('later', { priority: 2 });
  await queue.put('first', { priority: 9 });
  await queue.put('delivered', { priority: 5 });
  await queue.get();
  await queue.get({ ack: true });

  const unnamed = manager.list<string>();
  await unnamed.push('in an unnamed list');
  await dict.set('unnamed', unnamed);
  await manager.lock(`${part} lock`).acquire();
  await manager.semaphore(`${part} semaphore`, 3).acquire();
  await manager.atomic().set(dict, 'batched', true).commit();
}
