import type { SlowCall } from '../../client/connect/info.js';
import { connect, type InspectionFlags } from './manager.js';
import { rows } from './output.js';
import { duration, size } from './text.js';

/** Lists the last calls that took long. */
export async function slow(flags: InspectionFlags): Promise<void> {
  await using manager = await connect(flags, 'slow');
  const columns = {
    AT: ({ at }: SlowCall) => at.toISOString(),
    TOOK: ({ took }: SlowCall) => duration(took),
    METHOD: ({ method }: SlowCall) => method.slice(method.lastIndexOf('.') + 1),
    OBJECT: ({ object }: SlowCall) => object ?? '',
    REQUEST: ({ requestBytes }: SlowCall) => size(requestBytes),
    LABEL: ({ label }: SlowCall) => label,
    TOKEN: ({ token }: SlowCall) => token ?? '',
  };
  await rows(await manager.slowCalls(), columns, flags);
}
