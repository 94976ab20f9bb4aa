// @ts-check
/**
 * Checks that no type name of the product has two meanings: prints each class, interface, type or enum that is declared in more
 * than one file, and exits with 1 if there is one. `make lint` runs it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const FOLDERS = ['proto', 'engine', 'server', 'client', 'cli', 'console'];

/** The files that declare each name. @type {Map<string, Set<string>>} */
const declared = new Map();

const files = execFileSync('git', ['ls-files', '--', ...FOLDERS], { encoding: 'utf8' });
for (const file of files.split('\n')) if (/\.tsx?$/.test(file) && !/^proto\/(gen|vendor)\//.test(file)) collect(file);

for (const [name, places] of declared) {
  if (places.size === 1) continue;
  console.log(`${name} is declared in ${[...places].join(' and ')}: give each type a name of its own`);
  process.exitCode = 1;
}

/** @param {string} file */
function collect(file) {
  /** @param {ts.Node} node */
  const visit = (node) => {
    const isType =
      ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node);
    if (isType && node.name !== undefined) {
      const { text } = node.name;
      declared.set(text, (declared.get(text) ?? new Set()).add(file));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
}
