// Bundles the entries and the started files of the package, so that an import opens a handful of files instead of a hundred: importing the
// client takes half the time, and a manager starts sooner (docs/decisions/0007-bundle.md). Shared code goes into chunks, so that every
// entry has the same classes.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { build } from 'esbuild';
import { build as bundle } from 'rolldown';

const ENTRIES = [
  'cli/main',
  'client/adapters/express-rate-limit',
  'client/adapters/express-session',
  'client/adapters/keyv',
  'client/adapters/rate-limiter-flexible',
  'client/adapters/unstorage',
  'client/adapters/web-locks',
  'client/connect/heartbeat-entry',
  'client/shared/home/helper-entry',
  'client/index',
  'client/workers/process-entry',
  'client/workers/thread-entry',
  'client/workers/watchdog',
  'proto/index',
  'server/embedded',
  'server/index',
  'server/log/segments/writer-entry',
  'server/log/snapshot-entry',
  'server/spawned',
];

/** Files that count as one where code is divided: each loads most of the code of the others. */
const ALIKE = [
  ENTRIES.filter((entry) => /^client\/(index|adapters|workers\/\w+-entry)/.test(entry)),
  ENTRIES.filter((entry) => /^server\/\w+$/.test(entry)),
  ['client/connect/heartbeat-entry', 'server/log/segments/writer-entry'],
  ['cli/bench/run-bench', ...['locks', 'objects', 'queue', 'slow', 'top', 'watch'].map((command) => `cli/inspection/${command}`)],
  ['cli/run-dump', 'cli/run-load'],
];

// Dependencies and peers stay outside the bundle, except for MessagePack, whose seventeen files every program and every manager would open first.
const { dependencies, peerDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
const outside = Object.keys({ ...dependencies, ...peerDependencies });

await rm('lib', { recursive: true, force: true });
const { output: files } = await bundle({
  write: false,
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, built(entry)])),
  platform: 'node',
  external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
  preserveEntrySignatures: 'allow-extension',
  output: {
    format: 'esm',
    entryFileNames: '[name].js',
    // One folder deep, like the modules that refer to files by path: see client/paths.ts.
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: false,
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: 'loaded together', name: divided() }] },
  },
});
for (const file of files) {
  if (file.type !== 'chunk') continue;
  const path = `lib/${file.fileName}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, inAscii(file.code));
}
await copyFile('proto/gen/descriptors.binpb', 'lib/proto/descriptors.binpb');
await copyFile('proto/gen/descriptors.binpb', 'dist/proto/descriptors.binpb');
await copyFile('node_modules/@msgpack/msgpack/LICENSE', 'lib/LICENSE.msgpack');

await bundleConsole('lib/console');

/** Bundles the console for browsers: its files have the hashes of their contents in their names. @param {string} outdir */
async function bundleConsole(outdir) {
  const { metafile } = await build({
    entryPoints: { console: 'console/main.tsx', icon: 'console/icon.svg' },
    outdir,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome115', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    // The codecs are the SDK's own: in a browser, these files have the parts of Node that they use.
    alias: { 'node:buffer': './console/node/buffer.ts', 'node:util': './console/node/util.ts' },
    inject: ['console/node/buffer.ts'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const [script, style, icon] = ['js', 'css', 'svg'].map((end) =>
    basename(Object.keys(metafile.outputs).find((path) => path.endsWith(`.${end}`)) ?? ''),
  );
  // The licenses of the packages in it, which ask for their text to be kept.
  const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  const licenses = [...packages].sort().map(async (name) => `${name}\n\n${await readFile(`node_modules/${name}/LICENSE`, 'utf8')}`);
  await writeFile(`${outdir}/LICENSES.txt`, (await Promise.all(licenses)).join('\n\n'));
  const page = await readFile('console/index.html', 'utf8');
  await writeFile(
    `${outdir}/index.html`,
    page.replace(/\{\{(script|style|icon)\}\}/g, (_, name) => ({ script, style, icon })[/** @type {'script'} */ (name)] ?? ''),
  );
}

/** Returns the compiled file of an entry. @param {string} entry */
function built(entry) {
  return resolve(`dist/${entry}.js`);
}

/** Returns the function that tells the bundler the chunk of a module: one has all code that the same files load. */
function divided() {
  const alike = new Map(ALIKE.flatMap((files) => files.map((file) => [built(file), files[0]])));
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @type {((id: string) => string[]) | undefined} */
  let loadersOf;
  return (/** @type {string} */ id, /** @type {import('rolldown').ChunkingContext} */ context) => {
    // Known once the bundler has read all modules.
    loadersOf ??= loaders((module) => context.getModuleInfo(module));
    const of = loadersOf(id);
    if (of.length === 0 || of.includes(id)) return null;
    const key = [...new Set(of.map((loader) => alike.get(loader) ?? loader))].sort().join();
    if (!names.has(key)) names.set(key, `shared-${names.size + 1}`);
    return names.get(key);
  };
}

/**
 * Returns the function that returns the entries and the lazily loaded modules with which a module is loaded. Without a lazily loaded one if
 * the module is there already, wherever that can be loaded. @param {(id: string) => import('rolldown').ModuleInfo | null} infoOf
 */
function loaders(infoOf) {
  /** @type {Map<string, Set<string>>} */
  const all = new Map();
  /** The entries and lazily loaded modules, each with the ones that load it lazily. @type {Map<string, Set<string>>} */
  const starts = new Map(ENTRIES.map((entry) => [built(entry), new Set()]));
  for (const [start] of starts) {
    const loaded = new Set([start]);
    for (const id of loaded) {
      all.set(id, (all.get(id) ?? new Set()).add(start));
      const { importedIds = [], dynamicallyImportedIds = [] } = infoOf(id) ?? {};
      for (const imported of importedIds) loaded.add(imported);
      for (const imported of dynamicallyImportedIds) starts.set(imported, (starts.get(imported) ?? new Set()).add(start));
    }
  }
  return (/** @type {string} */ id) => {
    const of = all.get(id) ?? new Set();
    return [...of].filter((start) => {
      const by = [...(starts.get(start) ?? [])];
      return by.length === 0 || start === id || !by.every((other) => of.has(other));
    });
  };
}

/** Escapes all other characters, which are in literals alone: a source with one of them takes twice the memory, and longer to compile. @param {string} code */
function inAscii(code) {
  return code.replace(/[^\x01-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
