import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import type run from './programs/children.js';

// Programs that are the module of their own workers, or of the types of their own manager; and the labels of workers.

let directory: Temporary;

beforeAll(() => {
  directory = new Temporary();
  mkdirSync(directory.join('node_modules'));
  symlinkSync(resolve('.'), directory.join('node_modules/commonhold'));
});

afterAll(() => directory[Symbol.dispose]());

const HEAD = "import { Manager, currentWorker } from 'commonhold';\nconst here = new URL(import.meta.url);\n";
const SAYS = "(error) => console.log(currentWorker() === undefined ? `${error.code}: ${error.message}` : 'in the worker')";

async function outputOf(name: string, text: string): Promise<string> {
  writeFileSync(directory.join(name), HEAD + text);
  return (await Program.node(directory.join(name)).exited).stdout;
}

describe('a program that is the module of its own workers', () => {
  const REFUSED =
    /^INVALID_ARGUMENT: Manager\.start\(\) while the module file:.* loads .*without end: .*if \(currentWorker\(\) === undefined\)/;

  test.each(['fork', 'thread'])('is told so by its first worker (%s)', async (how) => {
    const text = `
      export default (x) => x;
      const manager = await Manager.start();
      await manager.${how}(here, 1).result.catch(${SAYS});
      await manager.close();`;
    expect(await outputOf(`${how}.mjs`, text)).toMatch(REFUSED);
  });

  test('is told so by its pool, also if it awaits nothing', async () => {
    const text = `
      export default (x) => x;
      async function main() {
        const manager = await Manager.start();
        await manager.pool(here, { threads: 1 }).apply(1).catch(${SAYS});
        await manager.close();
      }
      main().catch(() => {});`;
    expect(await outputOf('pool.mjs', text)).toMatch(REFUSED);
  });

  test('starts workers without end by no indirect way either', async () => {
    const text = `
      import { appendFileSync } from 'node:fs';
      export default (x) => x;
      async function main() {
        await undefined;
        await new Promise((resolve) => setTimeout(resolve, 1));
        const manager = await Manager.connect(process.env.COMMONHOLD_ADDRESS);
        appendFileSync(${JSON.stringify(directory.join('started'))}, 'x');
        await manager.thread(here, 1).result;
        await manager.close();
      }
      if (currentWorker() === undefined) {
        const manager = await Manager.start();
        process.env.COMMONHOLD_ADDRESS = manager.address;
        await main();
        await new Promise((resolve) => setTimeout(resolve, 5));
      } else main().catch((error) => console.log(error.code, error.message));`;
    expect(await outputOf('late.mjs', text)).toMatch(/^INVALID_ARGUMENT thread\(\): 16 workers have started one another in a chain/m);
  });

  test('works if it starts them in the main program only', async () => {
    const text = `
      export default (x) => x + 1;
      if (currentWorker() === undefined) {
        const manager = await Manager.start();
        console.log(await manager.fork(here, 1).result, await manager.thread(here, 2).result);
        await manager.close();
      }`;
    expect(await outputOf('guarded.mjs', text)).toBe('2 3\n');
  });
});

test('a program that is the module of the types of its own manager is told so by that', async () => {
  const text = `
    export class Account {}
    await Manager.start({ register: here }).then(() => console.log('started'), (error) => console.log(error.code, error.message));`;
  expect(await outputOf('types.mjs', text)).toMatch(
    /INVALID_ARGUMENT cannot register .*: Manager\.start\(\) while .* loads .*: keep the types in a module of their own/,
  );
});

describe('a label', () => {
  const CHILDREN = new URL('./programs/children.js', import.meta.url);

  test("is the name of the program, or of the worker's module, by default", async () => {
    await using manager = await Manager.start();
    const lock = manager.lock('door');
    for (const how of ['fork', 'thread'] as const) {
      const said = manager.queue<string>();
      const worker = manager.worker({ name: 'porter' })[how]<{ default: typeof run }>(CHILDREN, 'holds', lock, said);
      await said.get();
      expect(await lock.holder()).toMatchObject({ label: 'children.js' });
      await worker.kill();
    }
    const text =
      "const m = await Manager.start(); const l = m.lock('a'); await l.acquire(); console.log((await l.holder()).label); await m.close();";
    expect(await outputOf('program.mjs', text)).toBe('program.mjs\n');
  });

  test('has 256 characters at most', async () => {
    await using manager = await Manager.start({ label: 'x'.repeat(256) });
    const lock = manager.lock();
    await lock.acquire();
    expect(await lock.holder()).toMatchObject({ label: 'x'.repeat(256) });
    await expect(Manager.connect(manager.address, { label: 'x'.repeat(257) })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
