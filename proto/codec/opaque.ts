import { REFERENCE, type Reference } from './reference.js';

/**
 * A reference as one who does not open it sees it: the manager, when it looks inside a value. It
 * encodes to the reference it was.
 */
export class OpaqueReference {
  constructor(readonly reference: Reference) {}

  [REFERENCE](): Reference {
    return this.reference;
  }
}

/**
 * An instance of a user's class as one who does not have the class sees it. It encodes to the bytes
 * it was.
 */
export class OpaqueInstance {
  constructor(
    readonly type: string,
    readonly data: unknown,
  ) {}
}

/** A protobuf message of the user's own, as the payload case `message` carries it (google.protobuf.Any). */
export class AnyMessage {
  constructor(
    /** Names the message type, as "type.googleapis.com/acme.v1.Order". */
    readonly typeUrl: string,
    /** The encoded message. */
    readonly value: Uint8Array,
  ) {}
}
