/** What the package `multithreading` uses of Node 22, for measurements on older ones. To be imported before it. */
import { availableParallelism } from 'node:os';

if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: availableParallelism() } });
if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers });

function withResolvers(): unknown {
  let both: Parameters<ConstructorParameters<typeof Promise>[0]> | undefined;
  const promise = new Promise((...given) => (both = given));
  return { promise, resolve: both?.[0], reject: both?.[1] };
}
