// A manager with a shadow. Sends its address to the process that started it, and answers each message, the end of a suite, with the first
// difference.
import { loadTypes } from '../../server/register.js';
import { resolveOptions } from '../../server/options.js';
import { serve } from '../../server/server.js';
import { Shadow } from './shadow.js';

/** Comparison of a manager with its shadow. */
export interface ShadowReport {
  readonly turns: number;
  /** Number of times that the shadow was restored from the state of the manager. */
  readonly restored: number;
  readonly difference: string | undefined;
}

const options = resolveOptions({ listen: '127.0.0.1:0', register: new URL('./types/registered.js', import.meta.url) });
const shadow = new Shadow(options, await loadTypes(options.register));
const server = await serve(shadow.manager, options);
process.on('message', () => {
  shadow.compareStates();
  shadow.destroyObjects();
  const { turns, restored, difference } = shadow;
  process.send!({ turns, restored, difference } satisfies ShadowReport);
});
process.on('disconnect', () => process.exit());
process.send!(server.addresses[0]);
