import type { Member, TypeDescription, Types } from './types.js';

/** A registered type as plain data, without its code. */
export interface DescribedType {
  readonly name: string;
  readonly members: readonly (readonly [name: string, kind: Member['kind'], parameters: number])[];
}

export function describeTypes(types: Types): DescribedType[] {
  return types.list().map(({ name, members }) => ({
    name,
    members: Array.from(members, ([member, { kind, parameters }]) => [member, kind, parameters] as const),
  }));
}

/** Returns types for an engine in which no code of users runs, such as the one of a replay. */
export function describedTypes(described: readonly DescribedType[]): Types {
  const types = new Map(described.map((type) => [type.name, withoutCode(type)]));
  return { get: (name) => types.get(name), typeOf: () => undefined, list: () => [...types.values()] };
}

function withoutCode({ name, members }: DescribedType): TypeDescription {
  return {
    name,
    members: new Map(members.map(([member, kind, parameters]) => [member, { kind, parameters, use: noCode }])),
    saving: undefined,
    make: noCode,
  };
}

function noCode(): never {
  throw new Error('a defect: the code of a type was called that is only described');
}
