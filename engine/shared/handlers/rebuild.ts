import type { RebuildCall } from '../../core/calls.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { ObjectView } from '../objects/object-view.js';

/**
 * The calls that recreate an object with its present state in another engine: `Open` first, then the calls that fill it. Holders and waits
 * are not part of them.
 */
export type RebuildCalls = [opening: RebuildCall, ...filling: RebuildCall[]];

/** Returns the `Open` call of an object. */
export function openCall(method: Method, { name }: ObjectView, options: object = {}): RebuildCall {
  return { method, request: { name, exclusive: false, ...options } };
}

/** Returns a call that fills an object. */
export function fillCall(method: Method, { name }: ObjectView, request: object = {}): RebuildCall {
  return { method, request: { name, ...request } };
}
