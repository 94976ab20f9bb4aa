/** Texts as UTF-8 can carry them. The types of both methods come with the ES2024 library; Node 20 has them. */
interface Es2024 {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/** Whether a text can travel as UTF-8, that is, has no half of a surrogate pair alone. */
export function isWellFormed(text: string): boolean {
  return (text as string & Es2024).isWellFormed();
}

/** The text with U+FFFD in place of each half of a surrogate pair that stands alone. */
export function toWellFormed(text: string): string {
  return (text as string & Es2024).toWellFormed();
}
