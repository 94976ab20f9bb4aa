/** True in a run of `make stress`, in which long tests have their full size. */
const STRESS = process.env['COMMONHOLD_STRESS'] === '1';

/**
 * Size of a test that would take long: rounds, kills, items, bytes. `make test` runs each in its short form, `make stress` the files that
 * call this, in full.
 */
export function stress(short: number, full: number): number {
  return STRESS ? full : short;
}
