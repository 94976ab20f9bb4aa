// @ts-check
/**
 * Packs the package, and checks it as its users meet it: publint and attw find nothing, every file that package.json names is in it, the
 * links of its pages lead to files in it, and it works from each kind of project in scripts/projects, installed by npm without any of its
 * optional parts.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const PROJECTS = 'scripts/projects';
/** Output of each program of scripts/projects. */
const OUTPUT = '3 9\n';
/** Pages that are about working on the package: the repository has them. */
const REPOSITORY = /(^|\/)(ARCHITECTURE\.md|CONTRIBUTING\.md|decisions\/|examples\/|packaging\/|Dockerfile)/;

const { name, version, exports: entries, bin, dependencies, devDependencies, peerDependencies } = manifest('.');
const scratch = mkdtempSync(join(tmpdir(), 'commonhold-package-'));
const installed = join(scratch, 'node_modules', name);
try {
  const packed = pack();
  lint(packed);
  install(packed);
  checkFiles();
  checkLinks();
  for (const project of readdirSync(PROJECTS)) await use(project);
  console.log(`the package, ${Math.round(statSync(packed).size / 1024)} KiB, works from ${readdirSync(PROJECTS).join(', ')}`);
} finally {
  rmSync(scratch, { recursive: true });
}

/** @returns {string} the file with the packed package */
function pack() {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch], { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(scratch, `${name}-${version}.tgz`);
}

/** @param {string} packed */
function lint(packed) {
  run('publint', [packed, '--strict']);
  // The package is ESM, which `require` loads too (docs/decisions/0055-packaging.md).
  run('attw', [packed, '--profile', 'esm-only', '--quiet']);
}

/** Installs the package as a user does. @param {string} packed */
function install(packed) {
  writeFileSync(join(scratch, 'package.json'), '{ "private": true }');
  const packages = [packed, `@types/node@${devDependencies['@types/node']}`];
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
    cwd: scratch,
    stdio: 'inherit',
  });
  const needed = new Set(
    Object.keys(dependencies).flatMap((each) => Object.keys(manifest(join(scratch, 'node_modules', each)).dependencies ?? {})),
  );
  const unwanted = Object.keys(peerDependencies).filter((peer) => !needed.has(peer) && existsSync(join(scratch, 'node_modules', peer)));
  if (unwanted.length > 0) throw new Error(`npm installs optional parts that nothing uses: ${unwanted.join(', ')}`);
}

function checkFiles() {
  const named = [
    ...Object.values(entries).flatMap((entry) => Object.values(typeof entry === 'string' ? [entry] : entry)),
    ...Object.values(bin),
  ];
  const absent = named.filter((file) => !existsSync(join(installed, file)));
  if (absent.length > 0) throw new Error(`package.json names files that are not packed: ${absent.join(', ')}`);
}

function checkLinks() {
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
}

/** Compiles a project, if it has types, bundles it if it says so, and runs it. @param {string} project */
async function use(project) {
  const folder = join(scratch, project);
  cpSync(join(PROJECTS, project), folder, { recursive: true });
  if (existsSync(join(folder, 'tsconfig.json'))) run('tsc', ['--project', folder]);
  if (project === 'bundler') {
    await build({
      entryPoints: [join(folder, 'main.ts')],
      outfile: join(folder, 'main.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    });
  }
  const main = ['main.mjs', 'main.cjs'].map((file) => join(folder, file)).find((file) => existsSync(file));
  if (main === undefined) throw new Error(`${project} has no program: it is main.mjs or main.cjs, or compiles to one`);
  const env = { ...process.env, BUF: resolve('node_modules/.bin/buf') };
  const { stdout, stderr } = spawnSync(process.execPath, [main], { cwd: folder, env, encoding: 'utf8' });
  // A warning of Node is a failure: `require` of a module in ESM gave one once.
  if (stdout !== OUTPUT || stderr !== '')
    throw new Error(`${project} writes ${JSON.stringify({ stdout, stderr })}, and not ${JSON.stringify(OUTPUT)}`);
}

/** Returns the package.json of a folder. @param {string} folder */
function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Runs a tool of this package. @param {string} tool @param {string[]} args */
function run(tool, args) {
  execFileSync(resolve('node_modules/.bin', tool), args, { stdio: 'inherit' });
}
