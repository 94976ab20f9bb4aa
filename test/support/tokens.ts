import { writeFileSync } from 'node:fs';

/** A token in a file of tokens. */
export interface TokenEntry {
  readonly name: string;
  readonly token?: string;
  readonly sha256?: string;
  readonly rights: readonly { readonly objects: string; readonly verbs: readonly ('read' | 'write' | 'admin')[] }[];
}

/** Writes a file of tokens that is closed to other users. Returns its path. */
export function writeTokens(folder: { join(name: string): string }, tokens: readonly TokenEntry[]): string {
  const file = folder.join('tokens.json');
  writeFileSync(file, JSON.stringify(tokens), { mode: 0o600 });
  return file;
}
