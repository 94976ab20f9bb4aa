/** The first objects after a name, by their names, of many that come in no order. Sorts some pages of them at a time, not all. */
export class NamePage<T extends { readonly name: string }> {
  #objects: T[] = [];
  /** The last name that can be on the page, once there are enough. */
  #last: string | undefined;
  #isLast = true;

  constructor(
    private readonly after: string,
    private readonly size: number,
    /** Asked only for objects that may have a place. */
    private readonly isWanted: (object: T) => boolean,
  ) {}

  offer(object: T): void {
    const { name } = object;
    if (name <= this.after) return;
    const isBehind = this.#last !== undefined && name > this.#last;
    if ((isBehind && !this.#isLast) || !this.isWanted(object)) return;
    if (isBehind) this.#isLast = false;
    else if (this.#objects.push(object) >= 4 * this.size) this.#cut();
  }

  #cut(): void {
    const sorted = this.#objects.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#isLast &&= sorted.length <= this.size;
    this.#objects = sorted.slice(0, this.size);
    if (this.#objects.length === this.size) this.#last = this.#objects.at(-1)!.name;
  }

  /** Returns the page, and the name after which the next one begins; empty if this is the last one. */
  end(): { objects: T[]; nextPageToken: string } {
    this.#cut();
    return { objects: this.#objects, nextPageToken: this.#isLast ? '' : this.#objects.at(-1)!.name };
  }
}
