import type { CallContext, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, OptionsConflictError } from '../../../proto/errors.js';
import { BarrierService } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import { barrierKind, barrierOf, type SharedMemoryBarrier } from '../objects/barrier.js';
import type { Objects } from '../objects/objects.js';
import { openCall, type RebuildCalls } from './rebuild.js';

export function barrierHandlers(objects: Objects): Handlers<typeof BarrierService> {
  const find = (name: string, context: CallContext): SharedMemoryBarrier => objects.open(barrierKind, name, context);
  return {
    open(request) {
      const { name, parties, timeoutMs } = request;
      if (parties === 0) throw new InvalidArgumentError(`"${name}" for 0 parties: a barrier has at least 1`, { object: name });
      const make = parties === undefined ? undefined : barrierOf(objects.surroundings.thread, parties, timeoutMs);
      const { object, created } = objects.create(barrierKind, request, make);
      if (parties !== undefined && object.parties !== parties) {
        throw new OptionsConflictError(`"${name}" is for ${object.parties} parties, not ${parties}`, { object: name });
      }
      if (timeoutMs !== undefined && object.timeoutMs !== timeoutMs) {
        throw new OptionsConflictError(`"${name}" has ${milliseconds(object.timeoutMs)}, not ${milliseconds(timeoutMs)}`, { object: name });
      }
      return { created };
    },

    wait: ({ name, timeoutMs, hasAction }, context) => find(name, context).arrive(context, hasAction, timeoutMs),

    release({ name, token }, context) {
      find(name, context).release(token);
      return {};
    },

    fail({ name, token, message }, context) {
      find(name, context).fail(token, message);
      return {};
    },

    abort({ name }, context) {
      find(name, context).abort();
      return {};
    },

    reset({ name }, context) {
      find(name, context).reset();
      return {};
    },

    state({ name }, context) {
      const { parties, waiting, broken } = find(name, context);
      return { parties, waiting, broken };
    },
  };
}

function milliseconds(timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? 'no timeout' : `a timeout of ${timeoutMs} ms`;
}

export function rebuildBarrier(barrier: SharedMemoryBarrier): RebuildCalls {
  const { parties, timeoutMs } = barrier;
  return [openCall(BarrierService.methods.open, barrier, { parties, timeoutMs })];
}
