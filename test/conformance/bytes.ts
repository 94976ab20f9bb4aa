import { expect, test as it } from '@jest/globals';
import type { Manager } from '../../client/index.js';
import { until } from '../support/until.js';
import { collect, fresh, present, suite } from './support.js';
import type { Target } from './target.js';

/** Number of bytes that the manager reports for an object. */
async function bytesOf(manager: Manager, name: string): Promise<number> {
  return present((await collect(manager.objects({ match: name })))[0]).bytes;
}

export function bytesSuite(target: Target): void {
  const TEXT = 'x'.repeat(1000);

  suite(target, 'dict: bytes held', (clients) => {
    it('overwriting, deleting and clearing a dict reduce its bytes again', async () => {
      const dict = clients.one.dict<string, string>(fresh('dict'));
      const bytes = (): Promise<number> => bytesOf(clients.two, dict.name);
      await dict.set('a', 'short');
      const before = await bytes();
      await dict.set('a', TEXT);
      expect(await bytes()).toBeGreaterThanOrEqual(TEXT.length);
      await dict.set('a', 'short');
      expect(await bytes()).toBe(before);
      await dict.set('b', TEXT);
      await dict.delete('b');
      expect(await bytes()).toBe(before);
      await dict.clear();
      expect(await bytes()).toBe(0);
    });
  });

  suite(target, 'list: bytes held', (clients) => {
    it('popping and clearing a list reduce its bytes again', async () => {
      const list = clients.one.list<string>(fresh('list'));
      const bytes = (): Promise<number> => bytesOf(clients.two, list.name);
      await list.push('short');
      const before = await bytes();
      await list.push(TEXT);
      expect(await bytes()).toBeGreaterThanOrEqual(before + TEXT.length);
      await list.pop();
      expect(await bytes()).toBe(before);
      await list.clear();
      expect(await bytes()).toBe(0);
    });
  });

  suite(target, 'queue: bytes held', (clients) => {
    it('an item counts no more once it is taken', async () => {
      const queue = clients.one.queue<string>(fresh('queue'));
      await queue.put(TEXT);
      expect(await bytesOf(clients.two, queue.name)).toBeGreaterThanOrEqual(TEXT.length);
      await queue.get();
      expect(await bytesOf(clients.two, queue.name)).toBe(0);
    });
  });

  suite(target, 'queue: deliveries', (clients) => {
    it('an item that is delivered counts until it is acknowledged', async () => {
      const queue = clients.one.queue<string>(fresh('queue'));
      const bytes = (): Promise<number> => bytesOf(clients.two, queue.name);
      await queue.put(TEXT);
      const held = await bytes();
      const first = await queue.get({ ack: true });
      expect(await bytes()).toBe(held);
      await first.nak();
      expect(await bytes()).toBe(held);
      const second = await queue.get({ ack: true });
      await second.ack();
      expect(await bytes()).toBe(0);
    });
  });

  suite(target, 'set: bytes held', (clients) => {
    it('a member counts once, until it is deleted', async () => {
      const set = clients.one.set<string>(fresh('set'));
      const bytes = (): Promise<number> => bytesOf(clients.two, set.name);
      await set.add(TEXT);
      const held = await bytes();
      expect(held).toBeGreaterThanOrEqual(TEXT.length);
      await set.add(TEXT);
      expect(await bytes()).toBe(held);
      await set.delete(TEXT);
      expect(await bytes()).toBe(0);
    });
  });

  suite(target, 'namespace: bytes held', (clients) => {
    it('a property counts until it is deleted', async () => {
      const namespace = clients.one.namespace<{ text: string }>(fresh('namespace'));
      const bytes = (): Promise<number> => bytesOf(clients.two, namespace.name);
      await namespace.set('text', TEXT);
      expect(await bytes()).toBeGreaterThanOrEqual(TEXT.length);
      await namespace.delete('text');
      expect(await bytes()).toBe(0);
    });
  });

  suite(target, 'pipe: bytes held', (clients) => {
    it('a message counts until it is received', async () => {
      const name = fresh('pipe');
      const [sender] = clients.one.pipe<string>(name);
      const [, receiver] = clients.two.pipe<string>(name);
      await sender.send(TEXT);
      expect(await bytesOf(clients.two, name)).toBeGreaterThanOrEqual(TEXT.length);
      await receiver.receive();
      expect(await bytesOf(clients.two, name)).toBe(0);
    });
  });

  suite(target, 'dict: expiry of keys', (clients) => {
    it('an entry counts no more once its time is over', async () => {
      const dict = clients.one.dict<string, string>(fresh('dict'));
      await dict.set('a', TEXT, { ttl: 1 });
      await until('it is gone', async () => !(await dict.has('a')));
      expect(await bytesOf(clients.two, dict.name)).toBe(0);
    });
  });

  suite(target, 'value: bytes held', (clients) => {
    it('a value counts the bytes of the last one set', async () => {
      const value = await clients.one.value(fresh('value'), '').create();
      const empty = await bytesOf(clients.two, value.name);
      await value.set(TEXT);
      expect(await bytesOf(clients.two, value.name)).toBeGreaterThanOrEqual(empty + TEXT.length);
    });
  });

  suite(target, 'array: bytes held', (clients) => {
    it('an array counts its elements', async () => {
      const array = clients.one.array(fresh('array'), 'f64', 10);
      await array.set(0, 1);
      expect(await bytesOf(clients.two, array.name)).toBe(80);
    });
  });
}
