/** A type whose instances refer to each other. */
export class Station {
  #next: Station | undefined;

  constructor(readonly label: string) {}

  title(): string {
    return this.label;
  }

  lead(next: Station): void {
    this.#next = next;
  }

  next(): Station | undefined {
    return this.#next;
  }

  found(label: string): Station {
    return new Station(label);
  }

  save(): object {
    return { label: this.label, next: this.#next };
  }

  static restore({ label, next }: { label: string; next: Station | undefined }): Station {
    const station = new Station(label);
    station.#next = next;
    return station;
  }
}
