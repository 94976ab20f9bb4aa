/** An object in the memory: where it is, and which of those that were there. */
export interface Place {
  readonly object: number;
  readonly uid: number;
}
