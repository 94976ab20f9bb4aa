import { existsSync } from 'node:fs';
import type { CallContext } from '../proto/contract.js';
import { Session } from '../engine/core/session.js';
import { NotFoundError, OutOfRangeError, UnimplementedError } from '../proto/errors.js';
import { ManagerService, type ManagerServiceDumpResponse as DumpPage } from '../proto/gen/commonhold/v1/manager_wire.js';
import { LogReplay } from '../server/log/log-replay.js';
import { openStore } from '../server/log/open-store.js';
import type { ConnectionFlags } from './connection.js';
import { connected } from './connection.js';

const { dump, stats } = ManagerService.methods;

/** The state of a manager, page by page. */
export interface DumpSource extends AsyncDisposable {
  /** @param read gets the page, which is valid only while it runs */
  page<R>(pageToken: string, read: (page: DumpPage) => R): Promise<R>;
  /** Number of objects, to show the progress of a dump. */
  objects(): Promise<number>;
  /** Time of the state, once the first page is there. */
  time(): Date;
}

/** Dumps a manager that runs. */
export async function managerSource(address: string | undefined, flags: ConnectionFlags): Promise<DumpSource> {
  const transport = await connected(address, flags, 'commonhold dump');
  let time: Date | undefined;
  return {
    async page(pageToken, read) {
      try {
        return await transport.call(dump, { pageToken, leave: false }, (page) => {
          time ??= new Date();
          return read(page);
        });
      } catch (error) {
        if (!(error instanceof UnimplementedError)) throw error;
        throw new UnimplementedError(
          `${error.message}: it is of an earlier version; if it has a data directory, stop it, and dump that with --data-dir`,
          { cause: error },
        );
      }
    },
    objects: () => transport.call(stats, {}, ({ objects }) => objects),
    time: () => time!,
    [Symbol.asyncDispose]: () => transport.close(),
  };
}

/** Dumps the state in a data directory, which it only reads. */
export async function directorySource(directory: string): Promise<DumpSource> {
  if (!existsSync(directory)) throw new NotFoundError(`there is no directory ${directory}`);
  const store = openStore(directory);
  const replay = await LogReplay.begin(store);
  try {
    await replay.applyRest(store);
  } catch (error) {
    if (!(error instanceof OutOfRangeError)) throw error;
    throw new OutOfRangeError(`a manager writes to ${directory}, and has moved on: dump it by its address, or try again`, { cause: error });
  }
  // Pages are messages of nothing here, so that no value is too large for one.
  replay.machine.limits.maxMessageBytes = Infinity;
  const session = new Session('dump', { label: 'commonhold dump' });
  const { engine } = replay.machine;
  const handler = engine.handler(dump)!;
  return {
    async page(pageToken, read) {
      const context: CallContext = { session, readOnly: true, method: dump, id: undefined, handOver() {}, cancel: undefined };
      return read((await handler({ pageToken, leave: false }, context)) as DumpPage);
    },
    objects: () => Promise.resolve(engine.use.objects),
    time: () => new Date(replay.wallTime),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
    },
  };
}
