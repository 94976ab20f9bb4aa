import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';

// The files with which a manager runs as a service: their settings start one, and their checks see how it does.

/** Returns the variables of a Dockerfile or a unit, with other paths. */
function variables(text: string, paths: Record<string, string>): Record<string, string> {
  const pairs = [...text.matchAll(/^(?:ENV|Environment=| )\s*(COMMONHOLD_\w+)=(\S+)/gm)].map(([, name, value]) => [name!, value!] as const);
  const moved = (value: string): string => Object.entries(paths).reduce((all, [from, to]) => all.replace(from, to), value);
  return Object.fromEntries(pairs.map(([name, value]) => [name, moved(value)]));
}

test('the container serves by its variables, and its check of health sees a manager that has ended', async () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  using folder = new Temporary();
  const environment = variables(dockerfile, { '/run/commonhold': folder.path, '/data': folder.join('data') });
  expect(Object.keys(environment)).toEqual(['COMMONHOLD_LISTEN', 'COMMONHOLD_DATA_DIR', 'COMMONHOLD_ADDRESS']);
  const [command, ...check] = JSON.parse(/^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile)![1]!) as string[];
  expect(command).toBe('commonhold');
  await using daemon = await Daemon.serve([], environment);
  expect(await commonhold(check, environment)).toMatchObject({ code: 0, stdout: expect.stringContaining('commonhold sessions') });
  expect(await daemon.stop()).toMatchObject({ code: 0 });
  expect(await commonhold(check, environment)).toMatchObject({ code: 4 });
});

test('the unit of systemd serves by its variables', async () => {
  const unit = readFileSync('packaging/commonhold.service', 'utf8');
  using folder = new Temporary();
  const environment = variables(unit, { '/etc/commonhold': folder.path, '/var/lib/commonhold': folder.join('data'), ':7420': ':0' });
  expect(Object.keys(environment)).toEqual(['COMMONHOLD_LISTEN', 'COMMONHOLD_TOKEN_FILE', 'COMMONHOLD_DATA_DIR']);
  writeFileSync(folder.join('token'), 'a secret of 32 hexadecimal digits', { mode: 0o400 });
  await using daemon = await Daemon.serve([], environment);
  const flags = ['sessions', '--address', daemon.address];
  expect((await commonhold(flags)).code).toBe(5);
  expect((await commonhold([...flags, '--token-file', folder.join('token')])).code).toBe(0);
});

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
(systemd ? test : test.skip)('systemd finds no fault in the unit, and counts it among the well protected', () => {
  using folder = new Temporary();
  const unit = folder.join('commonhold.service');
  writeFileSync(unit, readFileSync('packaging/commonhold.service', 'utf8').replace('/usr/bin/commonhold', process.execPath));
  expect(spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  const security = execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=30', unit], { encoding: 'utf8' });
  expect(security).toMatch(/Overall exposure level for commonhold\.service: [12]\.\d OK/);
});
