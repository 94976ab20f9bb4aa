import { expect, test } from '@jest/globals';
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { Manager } from '../../client/index.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';

// `commonhold doctor`, on the directories of daemons that were killed.

/** Leaves a directory in which a daemon has kept a hundred changes, one a record. */
async function leave(folder: Temporary): Promise<string> {
  const directory = folder.join('data');
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--data-dir', directory]);
  const manager = await Manager.connect(daemon.address);
  for (let i = 0; i < 100; i++) await manager.dict<string, number>('dict').set(`key ${i}`, i);
  await daemon.program.kill('SIGKILL');
  await manager.close();
  return directory;
}

/** Damages a record in the middle of the log. */
function damage(directory: string): void {
  const file = openSync(`${directory}/${readdirSync(directory).find((name) => name.endsWith('.log'))}`, 'r+');
  writeSync(file, Buffer.from('damage'), 0, 6, 8000);
  closeSync(file);
}

test('a sound directory is described', async () => {
  using folder = new Temporary();
  const { code, stdout } = await commonhold(['doctor', await leave(folder)]);
  expect(stdout).toMatch(/^no snapshot\n00000001\.log: records 1 to \d+, 1048576 bytes\n(.*never acknowledged.*\n)?sound\n$/);
  expect(code).toBe(0);
});

test('the place of a damage is named, by the start of a daemon too, and salvage keeps everything before it', async () => {
  using folder = new Temporary();
  const directory = await leave(folder);
  damage(directory);
  const found = await commonhold(['doctor', directory]);
  expect(found.stdout).toMatch(/damaged: 00000001\.log, offset \d+, record \d+: .*\n.*--salvage/);
  expect(found.code).toBe(1);
  const described = await commonhold(['doctor', directory, '--json']);
  expect(JSON.parse(described.stdout)).toMatchObject({ sound: false, damage: { file: '00000001.log', reason: expect.any(String) } });
  expect(described.code).toBe(1);
  const refused = await commonhold(['serve', '--listen', '127.0.0.1:0', '--data-dir', directory]);
  expect(refused.stderr).toMatch(/the log is damaged: .*00000001\.log, offset \d+.*--salvage/);
  expect(refused.code).toBe(1);
  const salvaged = await commonhold(['doctor', directory, '--salvage']);
  expect(salvaged.stdout).toMatch(/moved to .*salvaged-1: .*\n[^]*sound\n$/);
  expect(salvaged.code).toBe(0);
  expect(statSync(`${directory}/salvaged-1`).isDirectory()).toBe(true);

  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--data-dir', directory]);
  await using manager = await Manager.connect(daemon.address);
  const kept = await manager.dict('dict').size();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(100);
});

test('a directory that is not there is an error', async () => {
  const { code, stderr } = await commonhold(['doctor', '/no/such/directory']);
  expect(stderr).toMatch(/there is no directory/);
  expect(code).toBe(1);
});
