import { typecodeNamed } from '../../../proto/codec/elements.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { OptionsConflictError } from '../../../proto/errors.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import { mapAnswer } from '../../../proto/thenable.js';
import { write } from '../../core/writing.js';
import type { Objects } from '../objects/objects.js';
import { valueKind, valueOf, type SharedMemoryValue } from '../objects/value.js';
import { unoffered } from '../objects/unoffered.js';
import { openCall, type RebuildCalls } from './rebuild.js';

export function valueHandlers(objects: Objects): Handlers<typeof ValueService> {
  const find = (name: string, context: CallContext): SharedMemoryValue => objects.open(valueKind, name, context);
  return {
    open(request) {
      const { name, initial, type: asked } = request;
      const type = asked ? typecodeNamed(asked) : undefined;
      const make = initial === undefined ? undefined : valueOf(objects.surroundings, type, initial);
      const { object, created } = objects.create(valueKind, request, make);
      if (asked !== undefined && object.type !== type) {
        throw new OptionsConflictError(`"${name}" has the type ${object.type ?? 'any'}, not ${type ?? 'any'}`, { object: name });
      }
      return { created };
    },

    get: ({ name }, context) => ({ value: find(name, context).payload() }),

    set(request, context) {
      const object = find(request.name, context);
      return write(object, context, request, () => {
        object.write(request.value);
        return {};
      });
    },

    add(request, context) {
      const object = find(request.name, context);
      return write(object, context, request, () => ({ value: object.add(request.delta) }));
    },

    compareAndSet(request, context) {
      const object = find(request.name, context);
      return write(object, context, request, () => ({ swapped: object.swap(request.expected, request.next) }));
    },

    lock(request, context) {
      const object = find(request.name, context);
      return mapAnswer(object.acquire(context, request), (grant) => ({ ...grant, value: object.payload() }));
    },

    unlock({ name, token, value }, context) {
      const object = find(name, context);
      object.check(token);
      if (value !== undefined) object.write(value);
      object.release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      find(name, context).extend(token, leaseMs);
      return {};
    },

    watch({ name }) {
      throw unoffered('watching', name);
    },
  };
}

export function rebuildValue(value: SharedMemoryValue): RebuildCalls {
  return [openCall(ValueService.methods.open, value, { initial: value.payload(), type: value.type })];
}
