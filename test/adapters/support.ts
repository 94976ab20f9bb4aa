import { afterAll, beforeAll } from '@jest/globals';
import { Manager, type SharedDict } from 'commonhold';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';

/** A daemon for the tests of a file, with two clients of it. */
export class Managers {
  #daemon: Daemon | undefined;
  #clients: Manager[] = [];

  constructor() {
    beforeAll(async () => {
      this.#daemon = await Daemon.serve();
      this.#clients = await Promise.all([this.connect(), this.connect()]);
    });
    afterAll(async () => {
      for (const client of this.#clients) await client.close();
      await this.#daemon?.[Symbol.asyncDispose]();
    });
  }

  get one(): Manager {
    return this.#clients[0]!;
  }

  get two(): Manager {
    return this.#clients[1]!;
  }

  /** Opens a further client, which the test closes. */
  connect(): Promise<Manager> {
    return Manager.connect(this.#daemon!.address);
  }

  /** Returns an empty dict of the first client. */
  dict<V>(): SharedDict<string, V> {
    return this.one.dict<string, V>(fresh('dict'));
  }

  /** Returns a dict all of whose calls fail with ClosedError. */
  async lost<V>(): Promise<SharedDict<string, V>> {
    const client = await this.connect();
    await client.close();
    return client.dict<string, V>(fresh('dict'));
  }
}
