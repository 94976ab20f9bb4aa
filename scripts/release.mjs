// @ts-check
/**
 * Prepares a release: checks everything, writes the version and the changelog, commits and tags. It pushes and publishes nothing, and says
 * at the end how that is done.
 *
 *     node scripts/release.mjs major|minor|patch|X.Y.Z [--dry-run] [--skip-checks]
 *
 * --dry-run changes nothing, and says how far it would go. --skip-checks leaves out `make check`; it is for the test of this script.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false }, 'skip-checks': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const UNRELEASED = /^## Unreleased.*$/m;

try {
  release();
} catch (error) {
  process.stderr.write(`release: ${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
}

function release() {
  const version = nextVersion();
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  assertReady(version, changelog);
  if (values['dry-run']) {
    console.log(`would check everything, release ${version}, commit, and tag v${version}`);
    return;
  }
  if (!values['skip-checks']) execFileSync('make', ['check'], { stdio: 'inherit' });
  write(version, changelog);
  git('commit', '--quiet', '--all', '--message', `Release ${version}`);
  git('tag', '--annotate', '--message', `Release ${version}`, `v${version}`);
  console.log(`tagged v${version}. Publish it by:\n  git push origin main v${version}\n  make build && npm publish`);
}

/** @returns {string} the version of the command line, or the one after the present version */
function nextVersion() {
  const [step = ''] = positionals;
  if (/^\d+\.\d+\.\d+$/.test(step)) return step;
  const [major = 0, minor = 0, patch = 0] = present().split('.').map(Number);
  if (step === 'major') return `${major + 1}.0.0`;
  if (step === 'minor') return `${major}.${minor + 1}.0`;
  if (step === 'patch') return `${major}.${minor}.${patch + 1}`;
  throw new Error('give major, minor, patch, or a version such as 1.2.3');
}

/** @returns {string} */
function present() {
  return JSON.parse(readFileSync('package.json', 'utf8')).version;
}

/** @param {string} version @param {string} changelog */
function assertReady(version, changelog) {
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD');
  if (branch !== 'main') throw new Error(`the branch is ${branch}: release from main`);
  if (git('status', '--porcelain') !== '') throw new Error('there are changes that are not committed: commit or stash them');
  if (git('tag', '--list', `v${version}`) !== '') throw new Error(`v${version} is tagged already: give a later version`);
  const unreleased = changelog.split(UNRELEASED)[1];
  if (unreleased === undefined) throw new Error('CHANGELOG.md has no heading "## Unreleased": add one with the changes');
  if (!/^- /m.test(unreleased.split(/^## /m)[0] ?? '')) throw new Error('CHANGELOG.md lists no change under "## Unreleased"');
}

/** Writes the version wherever it stands, and the changes under its heading. @param {string} version @param {string} changelog */
function write(version, changelog) {
  const before = present();
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  edit('proto/version.ts', (text) => text.replace(/(VERSION = ')[^']+/, `$1${version}`));
  edit('README.md', (text) => text.replaceAll(`Version ${before}`, `Version ${version}`).replaceAll(`-${before}.tgz`, `-${version}.tgz`));
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync('CHANGELOG.md', changelog.replace(UNRELEASED, `## Unreleased\n\n## ${version} (${date})`));
}

/** @param {string} file @param {(text: string) => string} change */
function edit(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

/** @param {string[]} args */
function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}
