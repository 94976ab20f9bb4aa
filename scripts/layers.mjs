// @ts-check
/**
 * Checks the imports of each layer, that no imports run in a cycle, and that no file is too long:
 *
 *     node scripts/layers.mjs [directory…]
 *
 * Prints a line for each breach, under the name of its directory if there are several, and exits with 1 if there is one. Imports of types
 * count like all others. ARCHITECTURE.md gives the reasons for the rules; `make lint` and test/unit/layers.test.ts run them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/**
 * Permitted imports of each layer: own files by path, packages by name (any, if none are listed), and Node's modules other than `never`. A
 * file must keep to every rule that matches it. For own files and Node's modules, imports through other files count as well; for packages
 * only direct imports count, because some packages are loaded on demand.
 * @type {{ files: RegExp, own?: RegExp, packages?: string[], never?: RegExp }[]}
 */
const RULES = [
  {
    files: /^proto\//,
    own: /^proto\//,
    packages: ['@bufbuild/protobuf', '@bufbuild/protoplugin', '@msgpack/msgpack'],
    never: /^node:(http2?|tls|child_process)$/,
  },
  { files: /^engine\//, own: /^(engine|proto)\//, packages: [], never: /^node:(http2?|net|tls|child_process)$/ },
  { files: /^engine\/core\//, own: /^(engine\/core|proto)\// },
  { files: /^engine\/state\//, own: /^(engine\/state|proto)\// },
  // No time, no chance, no process: these come through engine/core/clock.ts and engine/core/system.ts.
  {
    files: /^engine\/(core|memory|machine|state)\//,
    own: /^(?!(proto\/timer|engine\/(system|user-code))\.ts$)/,
    never: /^node:(perf_hooks|timers(\/promises)?|process|os|fs(\/promises)?|worker_threads)$/,
  },
  // The machine of the manager has the memory engine in it.
  { files: /^engine\/(core|memory|shared)\//, own: /^(?!engine\/machine\/)/ },
  // The two engines share no store.
  { files: /^engine\/memory\//, own: /^(?!engine\/shared\/)/ },
  { files: /^engine\/shared\//, own: /^(?!engine\/memory\/)/ },
  { files: /^engine\/memory\/(collections|lifetime|watching|locking)\//, own: /^(?!engine\/memory\/(objects|hosting)\/)/ },
  {
    files: /^server\//,
    own: /^(server|engine|proto)\//,
    packages: ['@bufbuild/protobuf', '@grpc/grpc-js', 'prom-client', 'pino', '@opentelemetry'],
  },
  // Only server/grpc imports grpc-js, which is loaded for the first connection of a client other than the SDK.
  { files: /^server\/(?!(grpc|observation)\/)/, packages: [] },
  // A client can be the home of objects: then it runs the engine of shared memory, and the calls of other clients on it.
  { files: /^client\//, own: /^(client|proto|engine\/(core|shared))\// },
  { files: /^client\/(?!adapters\/)/, own: /^(?!client\/adapters\/)/, packages: ['croner', '@opentelemetry/api'] },
  // The parser of cron expressions is loaded for the first of them.
  { files: /^client\/(?!((schedules|adapters)\/|connect\/telemetry\.ts$))/, packages: [] },
  // An adapter uses the base class of its peer where the peer demands it, and is loaded only with the peer.
  { files: /^client\/adapters\//, packages: ['express-session', 'rate-limiter-flexible'] },
  // Proxies only use the interface of a transport, and transports do not use proxies.
  { files: /^client\/(objects|locking)\//, own: /^(?!client\/connect\/(?!transport\/transport\.ts$))/, never: /^node:(http2?|net|tls)$/ },
  { files: /^client\/connect\/transport\//, own: /^(client\/connect\/transport|proto)\/|^client\/call-site\.ts$/ },
  // The console runs in browsers: of Node it has the parts of two modules, for which the build gives it others. It shows texts as the command line does.
  {
    files: /^console\//,
    own: /^(console|proto)\/|^engine\/core\/(lock-modes|queue-orders)\.ts$|^cli\/inspection\/(text|cycles)\.ts$/,
    packages: ['preact', '@preact/signals', 'uplot', '@dagrejs/dagre', 'buffer'],
    never: /^node:(?!(buffer|util)$)/,
  },
  // The command line puts the parts together. Commands are loaded on demand, so that `serve` does not load the client.
  { files: /^cli\//, own: /^(cli|client|server|engine|proto)\//, packages: ['cli-progress', 'commander'] },
  // Examples and the bench use the package as its users do.
  { files: /^examples\//, own: /^examples\// },
  { files: /^bench\//, own: /^bench\// },
];

const SOURCES = ['proto', 'engine', 'server', 'client', 'cli', 'console', 'test', 'bench', 'examples', 'scripts'];
const LONGEST_FILE = 500;

const roots = process.argv.length > 2 ? process.argv.slice(2) : ['.'];
let root = '.';
/** Imports of each file: own files by path, others by the name after `from`. @type {Map<string, string[]>} */
const graph = new Map();

for (root of roots) {
  if (roots.length > 1) console.log(`${root}:`);
  graph.clear();
  const files = SOURCES.flatMap(filesUnder);
  const modules = files.filter((file) => /\.(tsx?|mjs)$/.test(file));
  for (const file of modules) graph.set(file, importsOf(file));
  const breaches = [...files.flatMap(tooLong), ...modules.flatMap(forbidden), ...circles()];
  for (const breach of breaches) console.log(breach);
  if (breaches.length > 0) process.exitCode = 1;
}

/** @param {string} directory @returns {string[]} */
function filesUnder(directory) {
  if (!existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

/** @param {string} file */
function tooLong(file) {
  if (/^proto\/(gen|vendor)\/|\.(json|txt)$/.test(file)) return [];
  const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
  return lines > LONGEST_FILE ? [`${file} has ${lines} lines: ${LONGEST_FILE} are the most`] : [];
}

/** @param {string} file */
function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return [...new Set(importedFiles.map(({ fileName }) => (fileName.startsWith('.') ? resolve(file, fileName) : fileName)))];
}

/** @param {string} file */
function rulesOf(file) {
  return RULES.filter((rule) => rule.files.test(file));
}

/** @param {string} file */
function forbidden(file) {
  const rules = rulesOf(file);
  if (rules.length === 0) return [];
  return [...reachedFrom(file)].flatMap(([name, path]) => {
    const direct = path.length === 2;
    if (rules.every((rule) => allowed(rule, name, direct))) return [];
    // The direct import is reported already.
    if (!direct && !rulesOf(path.at(-2) ?? '').every((rule) => allowed(rule, name, true))) return [];
    return [
      direct ? `${file} imports ${name}, which its layer may not` : `${file} reaches ${name}, which its layer may not: ${path.join(' → ')}`,
    ];
  });
}

/**
 * Returns everything that a file imports, itself or through others, each with a shortest path to it. Does not follow an import that is a
 * breach.
 * @param {string} file @returns {Map<string, string[]>}
 */
function reachedFrom(file) {
  const rules = rulesOf(file);
  /** @type {Map<string, string[]>} */
  const found = new Map();
  const queue = [[file]];
  for (const path of queue) {
    for (const next of graph.get(path.at(-1) ?? '') ?? []) {
      if (next === file || found.has(next)) continue;
      const way = [...path, next];
      found.set(next, way);
      if (graph.has(next) && rules.every((rule) => allowed(rule, next, way.length === 2))) queue.push(way);
    }
  }
  return found;
}

/** @param {string} file @param {string} name */
function resolve(file, name) {
  const path = posix.join(posix.dirname(file), name);
  const sources = ['.ts', '.tsx'].map((end) => path.replace(/\.js$/, end));
  return sources.find((source) => existsSync(join(root, source))) ?? path;
}

/** @param {typeof RULES[number]} rule @param {string} name A path of ours, or a module. @param {boolean} direct */
function allowed({ own = /^/, packages, never }, name, direct) {
  if (SOURCES.some((directory) => name.startsWith(`${directory}/`))) return own.test(name);
  if (name.startsWith('node:')) return never?.test(name) !== true;
  return !direct || packages === undefined || packages.some((known) => name === known || name.startsWith(`${known}/`));
}

/** Returns the groups of files that import each other in a cycle (Tarjan's algorithm), one line each. @returns {string[]} */
function circles() {
  /** @type {string[]} */
  const found = [];
  /** @type {Map<string, number>} */
  const low = new Map();
  /** @type {string[]} */
  const stack = [];
  let count = 0;
  /** @param {string} file */
  const visit = (file) => {
    const index = count++;
    low.set(file, index);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!low.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(file) !== index) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || graph.get(file)?.includes(file)) found.push(`imports run in a circle: ${describe(group)}`);
  };
  for (const file of graph.keys()) if (!low.has(file)) visit(file);
  return found;
}

/** @param {string[]} group */
function describe(group) {
  const edges = group.flatMap((file) => (graph.get(file) ?? []).filter((next) => group.includes(next)).map((next) => `${file} → ${next}`));
  return [...new Set(edges)].join(', ');
}
