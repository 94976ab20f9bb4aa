import { InvalidArgumentError } from '../../proto/errors.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { Manager } from '../../client/connect/manager.js';
import { valueOf } from './objects.js';
import { connect, objectNamed, type InspectionFlags } from './manager.js';
import { jsonValue, line } from './output.js';
import { shown } from './values.js';

/** Shows each change of an object as it comes, until it is interrupted, or the object ends. */
export async function watch(name: string, flags: InspectionFlags & { readonly count?: number | undefined }): Promise<void> {
  await using manager = await connect(flags, 'watch');
  const { kind } = await objectNamed(manager, name);
  let left = flags.count ?? Infinity;
  for await (const change of changes(manager, kind, name)) {
    if (flags.json) jsonValue(change);
    else line(shown(change));
    if (--left <= 0) return;
  }
}

function changes(manager: Manager, kind: Kind, name: string): AsyncIterable<unknown> {
  switch (kind) {
    case 'dict':
      return manager.dict(name).watch();
    case 'list':
      return manager.list(name).watch();
    case 'queue':
      return manager.queue(name).watch();
    case 'event':
      return manager.event(name).watch();
    case 'value':
      return valueOf(manager, name).watch();
    default:
      throw new InvalidArgumentError(`watch is for dicts, lists, queues, events and values, and "${name}" is a ${kind}`);
  }
}
