// @ts-check
/**
 * Packs the package, installs it and uses it: every file that `exports` and `bin` name is in it, the links of its pages lead to files in
 * it, a strict program compiles with its types, its entries load, and a manager started from it runs and answers reflection.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A program that uses the installed package. */
const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { Manager, receive, share, type Handle, type RemoteObject, type SharedDict } from 'commonhold';
import { DictServiceDefinition } from 'commonhold/proto';
import { startServer, type ManagerServer } from 'commonhold/server';

const server: ManagerServer = await startServer({ listen: '127.0.0.1:0' });
await server.close();
await using manager: Manager = await Manager.start();
await manager.dict<string, number>('scores').set('alice', 3);
await using embedded: Manager = await Manager.embed();
const points: number = receive(share({ points: 3 })).points;
await embedded.value('points', points).create();
interface Game { scores(): Handle<SharedDict<string, number>> }
const scoresOf = (game: RemoteObject<Game>): Promise<SharedDict<string, number>> => game.scores();
void scoresOf;
const socket = manager.address.replace(/^unix:/, '');
const curl = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--unix-socket', socket, '--list-services', 'http://localhost'];
const services = execFileSync(process.argv[2]!, curl, { encoding: 'utf8' });
if (!services.includes(DictServiceDefinition.fullName)) throw new Error('reflection does not work: ' + services);
`;
/** Pages that are about working on the package: the repository has them. */
const REPOSITORY = /(^|\/)(ARCHITECTURE\.md|CONTRIBUTING\.md|decisions\/|examples\/)/;
const STRICT = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,esnext.disposable', '--types', 'node'];

const { name, version, exports: entries, bin, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'commonhold-package-'));
try {
  const installed = join(scratch, 'node_modules', name);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(scratch, `${name}-${version}.tgz`), '-C', installed, '--strip-components=1']);

  const named = [
    ...Object.values(entries).map((entry) => Object.values(typeof entry === 'string' ? [entry] : entry)),
    ...Object.values(bin),
  ].flat();
  const absent = named.filter((file) => !existsSync(join(installed, file)));
  if (absent.length > 0) throw new Error(`package.json names files that are not packed: ${absent.join(', ')}`);

  const pages = ['README.md', ...readdirSync(join(installed, 'docs')).map((page) => `docs/${page}`)].filter((page) => page.endsWith('.md'));
  const broken = pages.flatMap((page) => {
    const links = [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, target]) =>
      String(target),
    );
    return links
      .filter((target) => !REPOSITORY.test(target) && !existsSync(join(installed, dirname(page), target)))
      .map((target) => `${page} links to ${target}`);
  });
  if (broken.length > 0) throw new Error(`the pages of the package link to files that are not packed: ${broken.join(', ')}`);

  for (const dependency of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    const link = join(scratch, 'node_modules', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', dependency), link);
  }
  writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(scratch, 'program.ts'), PROGRAM);
  execFileSync(resolve('node_modules/.bin/tsc'), [...STRICT, 'program.ts'], { cwd: scratch, stdio: 'inherit' });
  execFileSync(process.execPath, ['program.js', resolve('node_modules/.bin/buf')], { cwd: scratch, stdio: 'inherit' });
  console.log(`the package holds the ${named.length} files it names and ${pages.length} pages, and works from there`);
} finally {
  rmSync(scratch, { recursive: true });
}
