/**
 * The revisions of all objects of a keyspace, from one counter: they only grow, also from an object to the
 * next one of its name. It begins with the time, in microseconds, and so above what an earlier process gave:
 * none changes a million times a second for long.
 */
export class Revisions {
  #last = Math.floor((performance.timeOrigin + performance.now()) * 1000);

  next(): number {
    return ++this.#last;
  }
}
