import { visitMentions } from '../../core/mentions.js';

/** The steps of a batch. */
interface Batch {
  readonly checks?: readonly object[];
  readonly operations?: readonly Readonly<Record<string, object | undefined>>[];
  readonly openings?: readonly Readonly<Record<string, object | undefined>>[];
}

/** Returns the names of all objects that a request uses, whatever its method. */
export function namesIn(request: unknown): string[] {
  const { checks = [], operations = [], openings = [] } = request as Batch;
  const names: string[] = [];
  visitMentions(request, (name) => names.push(name));
  for (const check of checks) names.push(...namesIn(check));
  for (const step of [...openings, ...operations]) {
    for (const part of Object.values(step)) if (part !== undefined) names.push(...namesIn(part));
  }
  return names;
}
