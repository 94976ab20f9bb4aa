import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Temporary } from '../support/daemon.js';

// scripts/release.mjs, on a clone of this repository.

const SCRIPT = resolve('scripts/release.mjs');
const AUTHOR = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@localhost',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@localhost',
};

let folder: Temporary;

beforeEach(() => {
  folder = new Temporary();
  execFileSync('git', ['clone', '--quiet', '--shared', '--depth=1', '--no-local', `file://${resolve('.')}`, folder.path]);
  git('checkout', '--quiet', '-B', 'main');
});

afterEach(() => {
  folder[Symbol.dispose]();
});

function git(...parameters: string[]): string {
  return execFileSync('git', parameters, { cwd: folder.path, encoding: 'utf8', env: { ...process.env, ...AUTHOR } }).trim();
}

function release(...parameters: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, ...parameters], { cwd: folder.path, encoding: 'utf8', env: { ...process.env, ...AUTHOR } });
}

test('a release writes the version and the changelog, commits and tags', () => {
  const { status, stdout, stderr } = release('7.8.9', '--skip-checks');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('git push origin main v7.8.9');
  expect(git('status', '--porcelain')).toBe('');
  expect(git('tag', '--points-at', 'HEAD')).toBe('v7.8.9');
  const read = (file: string): string => readFileSync(folder.join(file), 'utf8');
  expect(JSON.parse(read('package.json'))).toMatchObject({ version: '7.8.9' });
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({ version: '7.8.9', packages: { '': { version: '7.8.9' } } });
  expect(read('proto/version.ts')).toContain("VERSION = '7.8.9'");
  expect(read('CHANGELOG.md')).toMatch(/^# Changelog\n\n## Unreleased\n\n## 7\.8\.9 \(\d{4}-\d\d-\d\d\)\n\n\S/);

  // Nothing has changed since.
  expect(release('patch', '--skip-checks')).toMatchObject({ status: 1, stderr: expect.stringContaining('lists no change') });
});

test('a dry run changes nothing, and refuses all that a release would', () => {
  const head = git('rev-parse', 'HEAD');
  expect(release('minor', '--dry-run')).toMatchObject({ status: 0, stdout: expect.stringMatching(/would .* release \d+\.\d+\.0, commit/) });
  expect(git('rev-parse', 'HEAD')).toBe(head);
  expect(git('status', '--porcelain')).toBe('');
  expect(release('huge', '--dry-run').stderr).toContain('give major, minor, patch, or a version');
  git('tag', 'v7.8.9');
  expect(release('7.8.9', '--dry-run').stderr).toContain('v7.8.9 is tagged already');
  appendFileSync(folder.join('README.md'), 'more\n');
  expect(release('minor', '--dry-run').stderr).toContain('changes that are not committed');
  git('checkout', '--quiet', '-b', 'other');
  expect(release('minor', '--dry-run').stderr).toContain('the branch is other');
});
