import { readFileSync } from 'node:fs';
import { Arena, InvalidArgumentError, Manager } from 'commonhold';

/** Programs that tests run in an unusual environment. */
const programs: Record<string, () => Promise<void>> = {
  /** Uses a manager of its own, and prints its address. */
  async starts() {
    await using manager = await Manager.start();
    console.log(`${await manager.value('answer', 42).get()} ${manager.address}`);
  },
  /** As `starts`, on a thread. */
  async embeds() {
    await using manager = await Manager.embed();
    console.log(`${await manager.value('answer', 42).get()} ${manager.address}`);
  },
  /** Its manager is started while a debugger is asked for. */
  async debugged() {
    process.env['NODE_OPTIONS'] = '--inspect-brk=127.0.0.1:0 --max-http-header-size=8192';
    await programs['starts']!();
  },
  /** Prints whether a manager without and one with registered types is told of extra certificates. */
  async certified() {
    for (const register of [undefined, new URL('./types/stray.js', import.meta.url)]) {
      await using manager = await Manager.start({ register });
      console.log(readFileSync(`/proc/${manager.daemonPid}/environ`, 'utf8').includes('NODE_EXTRA_CA_CERTS='));
    }
  },
  /** Connects to the user's socket, where no manager listens. */
  async connects() {
    await Manager.connect().catch((error: unknown) => {
      console.log((error as Error).name);
    });
  },
  /** Its manager writes to a standard error that is no longer read. */
  async complains() {
    await using manager = await Manager.start({ register: new URL('./types/stray.js', import.meta.url) });
    const stray = manager.object<{ reject(): void; alive(): boolean }>('Stray');
    console.log('started');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await stray.reject();
    await stray.reject();
    console.log(await stray.alive());
    process.stdin.destroy();
  },
  /** Prints the most address space that it had, in kilobytes. */
  async space() {
    console.log(/VmPeak:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  },
  /** Makes shared memory, as large as the system allows or as given. */
  async arena() {
    const arena = Arena.create({ maxSize: process.argv[3] === undefined ? undefined : Number(process.argv[3]) });
    arena.value('answer', 41).sync.add(1);
    console.log(arena.value('answer', 0).sync.get());
    await arena.close();
  },
  /** Makes many small shared memories, which a thread uses as well. */
  async arenas() {
    const arenas = Array.from({ length: 200 }, () => Arena.create({ maxSize: 4 * 1024 * 1024 }));
    const counts = arenas.map((arena) => arena.value('count', 1));
    const [first] = arenas as [Arena];
    const summing = new URL('./summing.js', import.meta.url);
    console.log(await first.thread<typeof import('./summing.js')>(summing, counts).result);
    for (const arena of arenas) await arena.close();
  },
  /** Closes shared memory before the thread that works with it has ended. */
  async closedEarly() {
    const arena = Arena.create();
    const worker = arena.thread<typeof import('./summing.js')>(new URL('./summing.js', import.meta.url), []);
    await arena.close();
    await worker.join();
    console.log((await worker.result.catch((error: unknown) => error)) instanceof InvalidArgumentError);
  },
};

await programs[process.argv[2]!]!();
