/**
 * Version of what the turns of a machine do. It grows with each change by which turns that were applied before would do something else, or
 * send something else. A log names the version of each record.
 */
export const ENGINE_VERSION = 1;

/** Returns true if this engine does the same with the turns of a version. */
export function appliesTurnsOf(version: number): boolean {
  return version === ENGINE_VERSION;
}
