// Bundles the entries and the started files of the package, so that an import opens a handful of files instead of a hundred: importing the
// client takes half the time, and a manager starts sooner (docs/decisions/0007-bundle.md). Shared code goes into chunks, so that every
// entry has the same classes.
import { copyFile, readFile, rm } from 'node:fs/promises';
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
await build({
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
await copyFile('proto/gen/descriptors.binpb', 'lib/proto/descriptors.binpb');
await copyFile('proto/gen/descriptors.binpb', 'dist/proto/descriptors.binpb');
await copyFile('node_modules/@msgpack/msgpack/LICENSE', 'lib/LICENSE.msgpack');
