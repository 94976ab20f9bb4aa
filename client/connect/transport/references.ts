import { mayRefer, referencesIn } from '../../../proto/codec/references.js';
import { isAnonymous } from '../../../proto/name.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Payload } from '../../../proto/wire/values.js';

/** Finds references to anonymous objects in the values of responses. */
export class ReferenceScan {
  #names: string[] | undefined;

  /** Returns the names, each as often as it occurs; undefined if there are none. Most values are skipped by their first bytes. */
  namesIn({ output }: Method, response: unknown): readonly string[] | undefined {
    if (output.payloads === undefined) return undefined;
    this.#names = undefined;
    output.payloads(response, this.#visit);
    return this.#names;
  }

  readonly #visit = (payload: Payload): void => {
    if (!mayRefer(payload)) return;
    for (const { name } of referencesIn(payload)) if (isAnonymous(name)) (this.#names ??= []).push(name);
  };
}
