/** Time for which a cycle of waits must have stood before it is reported, in milliseconds. Locks that are merely busy change hands sooner. */
export const STOOD_MS = 1000;
