/** An object in the memory: its offset, and the uid that tells it from earlier and later objects at that offset. */
export interface ObjectAddress {
  readonly object: number;
  readonly uid: number;
}
