// @ts-check
/**
 * Checks that the pages tell the truth about the tree: each relative link of a page leads to a file, and its anchor to a heading there;
 * each path in backticks exists, in the pages about the code; and each name in backticks there is in the code. Prints a line for each
 * that does not, and exits with 1 if there is one. `make lint` runs it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Pages about the code itself: paths and names in them are the tree's. Others show files of users. */
const ABOUT_CODE = /^(ARCHITECTURE|CONTRIBUTING)\.md$|^docs\/glossary\.md$/;
/** Folders whose paths are the tree's wherever they are named. */
const OURS = /^(cli|client|console|engine|server|proto|test|bench|scripts|docs|examples)\//;
/** Paths in the pages that stand for others. */
const PLACEHOLDER = /[A-Z…*<>]{4,}|\*|…/;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*/g;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(existsSync);
const pages = files.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md');
const words = new Set(
  files
    .filter((file) => /\.(tsx?|mjs|as|proto|json)$|^Makefile$/.test(file))
    .flatMap(
      (file) =>
        readFileSync(file, 'utf8')
          .replace(COMMENTS, '')
          .match(/[A-Za-z_]\w*/g) ?? [],
    ),
);

for (const page of pages) {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  for (const [, target] of text.replace(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) checkLink(page, /** @type {string} */ (target));
  if (page.startsWith('docs/decisions/')) continue;
  for (const [, token] of text.matchAll(/`([^`\n]+)`/g)) checkToken(page, /** @type {string} */ (token));
}

/** @param {string} page @param {string} target */
function checkLink(page, target) {
  if (/^[a-z]+:/.test(target)) return;
  const [path, anchor] = target.split('#');
  const file = path === '' || path === undefined ? page : normalize(join(dirname(page), path));
  if (!existsSync(file)) report(page, `links to ${target}, which does not exist`);
  else if (anchor !== undefined && !anchorsOf(file).has(anchor)) report(page, `links to ${target}, where no heading has that anchor`);
}

/** Anchors of the headings of a page, as GitHub makes them. @param {string} file */
function anchorsOf(file) {
  const headings = readFileSync(file, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.+)$/gm);
  return new Set(Array.from(headings, ([, heading]) => slug(/** @type {string} */ (heading))));
}

/** @param {string} heading */
function slug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** A path or a name in backticks. @param {string} page @param {string} token */
function checkToken(page, token) {
  const path = /^[\w./-]+(\.(ts|mjs|js|as|proto|md|txt)|\/)$/.test(token);
  const about = ABOUT_CODE.test(page);
  if (path && (about || OURS.test(token)) && !PLACEHOLDER.test(token)) {
    if (!existsSync(token) && !files.some((file) => `/${file}`.includes(`/${token}`)))
      report(page, `names the path ${token}, which does not exist`);
  } else if (about && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\(.*\))?$/.test(token)) {
    const absent = token
      .replace(/\(.*$/, '')
      .split('.')
      .filter((word) => !words.has(word));
    if (absent.length > 0) report(page, `names ${token}, but nothing in the code is called ${absent.join(' or ')}`);
  }
}

/** @param {string} page @param {string} fault */
function report(page, fault) {
  console.log(`${page} ${fault}`);
  process.exitCode = 1;
}
