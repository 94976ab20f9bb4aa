import type { Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, NotFoundError, OptionsConflictError } from '../../../proto/errors.js';
import type { ObjectService, ObjectType } from '../../../proto/gen/commonhold/v1/object_wire.js';
import type { TypeDescription, Types } from '../../types.js';
import type { Keyspace, ObjectKind } from '../lifetime/keyspace.js';
import type { Instances } from './instances.js';
import type { RegisteredObject } from './registered-object.js';
import { compactAll } from '../collections/bytes.js';

export function objectHandlers(keyspace: Keyspace, instances: Instances): Handlers<typeof ObjectService> {
  const { types } = instances;
  /** Finds existing objects. A call that gives only a name cannot make one. */
  const objectKind: ObjectKind<RegisteredObject> = {
    kind: 'object',
    make(name) {
      throw new NotFoundError(whyMissing(name, instances.lostType(name)), { object: name });
    },
  };

  return {
    open(request, context) {
      const { name, type, arguments: args, saved } = request;
      const make = (): RegisteredObject => {
        if (type === '') return objectKind.make(name, keyspace);
        const named = typeNamed(types, type);
        return saved === undefined ? instances.make(name, named, args) : instances.makeSaved(name, named, saved);
      };
      const { object, created } = keyspace.create({ kind: objectKind.kind, make }, request, context);
      if (type !== '' && object.type.name !== type) {
        throw new OptionsConflictError(`"${name}" is of the type "${object.type.name}", not "${type}"`, { object: name });
      }
      return { created };
    },

    call({ name, member: wanted, arguments: args, timeoutMs }, context) {
      const object = keyspace.open(objectKind, name, context);
      const member = object.member(wanted);
      if (member.kind === 'getter' && args.length > 0) {
        throw new InvalidArgumentError(`"${wanted}" of "${name}" is a getter, which takes no arguments`, { object: name });
      }
      const given = instances.decode(args);
      return object.serialQueue.do(context, timeoutMs, {
        // The type may be another when the call begins, after a restart.
        begin: () => object.member(wanted).use(object.instance!, object.revived ? instances.decode(args) : given),
        write: (outcome, awaited) => instances.write(outcome, object, wanted, awaited),
        answer: (written) => ({ result: instances.answer(written, object) }),
        state: () => ({ member: wanted, arguments: compactAll(args) }),
      });
    },

    describe: ({ name }, context) => ({ type: describe(keyspace.open(objectKind, name, context).type) }),

    listTypes: () => ({ types: types.list().map(describe) }),
  };
}

function whyMissing(name: string, lostType: string | undefined): string {
  if (lostType === undefined) return `there is no object "${name}": open it with its type first`;
  return `"${name}" ended when the manager stopped, since the class "${lostType}" has no save() and static restore(): open it with its type first`;
}

function typeNamed(types: Types, name: string): TypeDescription {
  const type = types.get(name);
  if (type) return type;
  const known = types.list().map((other) => `"${other.name}"`);
  const remedy = known.length === 0 ? 'none are; give the manager their module with --register' : `there are ${known.join(', ')}`;
  throw new InvalidArgumentError(`no type is registered as "${name.slice(0, 100)}": ${remedy}`);
}

function describe({ name, members }: TypeDescription): ObjectType {
  return { type: name, members: [...members].map(([member, { kind, parameters }]) => ({ member, kind, parameters })) };
}
