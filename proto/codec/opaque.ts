import { REFERENCE, type Reference } from './reference.js';

/** A reference inside a value that is not opened, as when the manager decodes a value. It encodes to the same reference. */
export class OpaqueReference {
  constructor(readonly reference: Reference) {}

  [REFERENCE](): Reference {
    return this.reference;
  }
}

/** A regular expression that is not compiled, as when the manager decodes a value: compiling may take minutes. It encodes to the same bytes. */
export class OpaqueRegExp {
  constructor(
    readonly source: string,
    /** In the order in which JavaScript lists them. */
    readonly flags: string,
  ) {}

  toString(): string {
    return `/${this.source}/${this.flags}`;
  }
}

/** A protobuf message of the user's own, as the payload case `message` carries it (google.protobuf.Any). */
export class AnyMessage {
  constructor(
    /** Names the message type, such as "type.googleapis.com/acme.v1.Order". */
    readonly typeUrl: string,
    /** The encoded message. */
    readonly value: Uint8Array,
  ) {}
}
