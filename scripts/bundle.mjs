// Bundles the entries and the started files of the package, so that an import opens a handful of files instead of a hundred: importing the
// client takes half the time, and a manager starts sooner (docs/decisions/0007-bundle.md). Shared code goes into chunks, so that every
// entry has the same classes.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';

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

// Dependencies and peers stay outside the bundle, except for MessagePack, whose seventeen files every program and every manager would open first.
const { dependencies, peerDependencies } = JSON.parse(await readFile('package.json', 'utf8'));

await rm('lib', { recursive: true, force: true });
const { outputFiles } = await build({
  write: false,
  entryPoints: ENTRIES.map((entry) => `dist/${entry}.js`),
  outdir: 'lib',
  outbase: 'dist',
  // One folder deep, like the modules that refer to files by path: see client/paths.ts.
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: Object.keys({ ...dependencies, ...peerDependencies }).flatMap((name) => [name, `${name}/*`]),
  legalComments: 'none',
});
for (const { path, text } of outputFiles) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, withClassNames(text));
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

/**
 * Gives classes that refer to themselves their names again: esbuild makes `var Dict = class _Dict` of them, which stacks and
 * `constructor.name` would show. @param {string} code
 */
function withClassNames(code) {
  const renamed = Array.from(code.matchAll(/^var (\w+) = class _\1\b/gm), ([, name]) => name);
  return renamed.length === 0 ? code : code.replace(new RegExp(`(?<![\\w$.])_(${renamed.join('|')})(?![\\w$])`, 'g'), '$1');
}
