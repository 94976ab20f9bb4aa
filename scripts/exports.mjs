// @ts-check
/**
 * Checks that each function, class and constant that a module of the product exports is used by another module, tests included: prints each
 * that is not, and exits with 1 if there is one. Types are left out: they name the parameters and results of used functions. `make lint` runs it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const PRODUCT = /^(proto|engine|server|client|cli)\//;

const GENERATED = readdirSync('proto/gen', { encoding: 'utf8', recursive: true }).map((file) => join('proto/gen', file));

/** The modules that the package offers. */
const entries = new Set(
  Object.values(JSON.parse(readFileSync('package.json', 'utf8')).exports).map(({ types }) =>
    types?.replace(/^\.\/dist\/(.*)\.d\.ts$/, '$1.ts'),
  ),
);
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\n');
const sources = [...files, ...GENERATED].filter((file) => /\.(tsx?|mjs|js)$/.test(file) && existsSync(file)).map(parsed);

/** `file name` of each export that another module names, and `file *` of each module of which one takes everything. @type {Set<string>} */
const used = new Set();
for (const source of sources) collectUses(source);

for (const source of sources) {
  const { fileName } = source;
  if (!PRODUCT.test(fileName) || GENERATED.includes(fileName) || entries.has(fileName) || used.has(`${fileName} *`)) continue;
  for (const name of source.statements.flatMap(exportedValues)) {
    if (used.has(`${fileName} ${name}`)) continue;
    console.log(`${fileName} exports ${name}, which no other module uses: do not export it`);
    process.exitCode = 1;
  }
}

/** @param {string} file */
function parsed(file) {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** @param {ts.SourceFile} source */
function collectUses(source) {
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) use(node.moduleSpecifier, namesOf(node.importClause?.namedBindings));
    else if (ts.isExportDeclaration(node)) use(node.moduleSpecifier, namesOf(node.exportClause));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) use(node.arguments[0], ['*']);
    ts.forEachChild(node, visit);
  };
  /** @param {ts.Node | undefined} module @param {readonly string[]} names */
  const use = (module, names) => {
    if (module === undefined || !ts.isStringLiteral(module) || !module.text.startsWith('.')) return;
    const path = join(dirname(source.fileName), module.text);
    for (const name of names) for (const file of [path, path.replace(/\.js$/, '.ts')]) used.add(`${file} ${name}`);
  };
  visit(source);
}

/** @param {ts.NamedImportBindings | ts.NamedExportBindings | undefined} bindings */
function namesOf(bindings) {
  if (bindings === undefined || !('elements' in bindings)) return ['*'];
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/** @param {ts.Statement} statement @returns {string[]} */
function exportedValues(statement) {
  const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!isExported) return [];
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  const isValue = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
  return isValue && statement.name !== undefined ? [statement.name.text] : [];
}
