// @ts-check
/**
 * Packs the package, and uses it from there as an installed one: every entry of `exports` and `bin` is
 * in it and loads, and a manager started from it runs and answers reflection.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A program that uses the installed package. */
const USE = `
  import { execFileSync } from 'node:child_process';
  import { Manager } from 'commonhold';
  import { startServer } from 'commonhold/server';
  import { DictServiceDefinition } from 'commonhold/proto';
  if (typeof startServer !== 'function' || DictServiceDefinition.name !== 'DictService') throw new Error('an export is missing');
  const manager = await Manager.start();
  await manager.dict('d').set('key', 1);
  const socket = manager.address.replace(/^unix:/, '');
  const curl = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--unix-socket', socket, '--list-services', 'http://localhost'];
  const services = execFileSync(process.argv[2], curl, { encoding: 'utf8' });
  if (!services.includes('commonhold.v1.DictService')) throw new Error('reflection does not work: ' + services);
  await manager.close();
`;

const { name, version, exports: entries, bin, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'commonhold-package-'));
try {
  const installed = join(scratch, 'node_modules', name);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(scratch, `${name}-${version}.tgz`), '-C', installed, '--strip-components=1']);

  const named = [
    ...Object.values(entries).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry))),
    ...Object.values(bin),
  ];
  const absent = named.filter((file) => !existsSync(join(installed, file)));
  if (absent.length > 0) throw new Error(`package.json names what is not packed: ${absent.join(', ')}`);

  for (const dependency of Object.keys(dependencies)) {
    const link = join(scratch, 'node_modules', dependency);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(resolve('node_modules', dependency), link);
  }
  writeFileSync(join(scratch, 'package.json'), '{}');
  writeFileSync(join(scratch, 'try.mjs'), USE);
  execFileSync(process.execPath, ['try.mjs', resolve('node_modules/.bin/buf')], { cwd: scratch, stdio: 'inherit' });
  console.log(`the package holds its ${named.length} entries, and works from there`);
} finally {
  rmSync(scratch, { recursive: true });
}
