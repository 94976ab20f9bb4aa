/**
 * Returns a function that tests names against a pattern, in which * stands for any run of characters; the empty pattern matches all names.
 * Each part matches at its first occurrence, without backtracking, so that no pattern takes exponential time.
 */
export function pattern(match: string): (name: string) => boolean {
  if (match === '') return () => true;
  const [first, ...rest] = match.split(/\*+/) as [string, ...string[]];
  const last = rest.pop();
  if (last === undefined) return (name) => name === match;
  return (name) => {
    const end = name.length - last.length;
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}
