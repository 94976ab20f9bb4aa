import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** README.md and the guides. Decisions are records, and `make bench` writes the benchmarks. */
export const PAGES = [
  'README.md',
  'examples/README.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md') && name !== 'benchmarks.md')
    .map((name) => `docs/${name}`),
];

/** A block of code of a page. */
export interface Block {
  /** File and line. */
  readonly where: string;
  /** Language after the fence; empty for an indented block. */
  readonly language: string;
  readonly code: string;
  /** Content of the comment above the block, which says how it is run; empty without one. */
  readonly directive: string;
}

/** All blocks of code of a page: fenced ones, and indented ones. */
export function blocksOf(page: string): Block[] {
  const lines = readFileSync(`${ROOT}${page}`, 'utf8').split('\n');
  const blocks: Block[] = [];
  let directive = '';
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\w*)$/.exec(lines[at]!);
    const indented = fence === null && /^ {4}\S/.test(lines[at]!) && lines[at - 1] === '';
    if (fence === null && !indented) {
      if (lines[at] !== '') directive = /^<!-- (.+) -->$/.exec(lines[at]!)?.[1] ?? '';
      continue;
    }
    const begin = indented ? at : at + 1;
    let end = begin;
    while (end < lines.length && (indented ? /^ {4}/.test(lines[end]!) : lines[end] !== '```')) end++;
    const code = lines.slice(begin, end).map((line) => (indented ? line.slice(4) : line));
    blocks.push({ where: `${page}:${at + 1}`, language: fence?.[1] ?? '', code: code.join('\n'), directive });
    at = end;
    directive = '';
  }
  return blocks;
}
