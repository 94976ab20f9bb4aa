/** Tells the people who run the manager. */
export function tell(what: string): void {
  process.stderr.write(`commonhold: ${what}\n`);
}
