/** The methods that the types of this project's library lack: their types come with ES2024, while Node 20 has them already. */
interface Es2024 {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/** Returns true if a text can travel as UTF-8, that is, if it has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return (text as string & Es2024).isWellFormed();
}

/** Returns the text with U+FFFD in place of each lone surrogate. */
export function toWellFormed(text: string): string {
  return (text as string & Es2024).toWellFormed();
}
