/** A name pattern, with * for any run of characters. */
export function pattern(match: string): RegExp {
  if (match === '') return /^/;
  const escaped = match.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'su');
}
