/** The features of Node 22 that the package `multithreading` uses, for measurements on older versions. Import this before the package. */
import { availableParallelism } from 'node:os';

if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: availableParallelism() } });
if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers });

function withResolvers(): unknown {
  let both: Parameters<ConstructorParameters<typeof Promise>[0]> | undefined;
  const promise = new Promise((...given) => (both = given));
  return { promise, resolve: both?.[0], reject: both?.[1] };
}
