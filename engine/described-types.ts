import type { Member, TypeDescription, Types } from './types.js';

/** A registered type as plain data, without its code. */
export interface DescribedType {
  readonly name: string;
  readonly members: readonly (readonly [name: string, kind: Member['kind'], parameters: number])[];
  /** True if its instances are saved. */
  readonly saves: boolean;
}

export function describeTypes(types: Types): DescribedType[] {
  return types.list().map(({ name, members, saving }) => ({
    name,
    members: Array.from(members, ([member, { kind, parameters }]) => [member, kind, parameters] as const),
    saves: saving !== undefined,
  }));
}

/** Returns types for an engine in which no code of users runs, such as the one of a replay. */
export function describedTypes(described: readonly DescribedType[]): Types {
  const types = new Map(described.map((type) => [type.name, withoutCode(type)]));
  return { get: (name) => types.get(name), typeOf: () => undefined, list: () => [...types.values()] };
}

function withoutCode({ name, members, saves }: DescribedType): TypeDescription {
  return {
    name,
    members: new Map(members.map(([member, kind, parameters]) => [member, { kind, parameters, use: noCode }])),
    saving: saves ? { save: noCode, restore: noCode } : undefined,
    make: noCode,
  };
}

function noCode(): never {
  throw new Error('a defect: the code of a type was called that is only described');
}

/** The types that a machine knows at present. They change when its manager starts again with others. */
export class PresentTypes implements Types {
  constructor(private types: Types) {}

  /** Replaces the types. */
  become(types: Types): void {
    this.types = types;
  }

  /** Returns true if other types look the same to clients. */
  matches(described: readonly DescribedType[]): boolean {
    return JSON.stringify(describeTypes(this.types)) === JSON.stringify(described);
  }

  get(name: string): TypeDescription | undefined {
    return this.types.get(name);
  }

  typeOf(instance: object): TypeDescription | undefined {
    return this.types.typeOf(instance);
  }

  list(): TypeDescription[] {
    return this.types.list();
  }
}
