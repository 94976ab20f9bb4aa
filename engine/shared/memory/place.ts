/** An object in the memory: where it is, and which of those that were there. */
export interface ObjectAddress {
  readonly object: number;
  readonly uid: number;
}
