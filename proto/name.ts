/** First character of the names of anonymous objects, which live as long as they are referred to. */
const SIGN = '~';
const SIGN_CODE = SIGN.charCodeAt(0);

/** Returns the name of an anonymous object. @param id unique among all of its manager */
export function anonymousName(id: string): string {
  return SIGN + id;
}

/** Returns true if the name is that of an anonymous object. */
export function isAnonymous(name: string): boolean {
  return name.charCodeAt(0) === SIGN_CODE;
}
