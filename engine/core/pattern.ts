/**
 * Says which names match a pattern, with * for any run of characters; the empty pattern matches all. Takes
 * each part where it is found first and never goes back, so that no pattern costs more than its length.
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
