import { describe, expect, it } from '@jest/globals';
import { TypeRegistry, type Constructor } from '../../../engine/types.js';
import { AlreadyExistsError, InvalidArgumentError } from '../../../proto/errors.js';

function membersOf(type: Constructor, exposed?: readonly string[]): Record<string, string> {
  const types = new TypeRegistry();
  types.register('T', type, { exposed });
  return Object.fromEntries([...types.get('T')!.members].map(([name, { kind }]) => [name, kind]));
}

describe('the exposed members of a class', () => {
  it('are its methods and getters, and inherited ones, as the nearest class has them', () => {
    class Base {
      both() {}
      hidden() {}
      get changed() {
        return 1;
      }
    }
    class Derived extends Base {
      get own() {
        return 1;
      }
      set only(_value: number) {}
      override both() {}
      changedBy() {}
      _private() {}
      '#odd'() {}
      static create() {}
      [Symbol.iterator]() {}
    }
    // Neither methods nor getters, though classes above have methods under their names.
    Object.defineProperty(Derived.prototype, 'hidden', { value: 1 });
    Object.defineProperty(Derived.prototype, 'changed', { set() {} });
    expect(membersOf(Derived)).toEqual({ own: 'getter', both: 'method', changedBy: 'method' });
  });

  it('do not include members that every object has, unless the class has its own', () => {
    expect(membersOf(class {})).toEqual({});
    expect(
      membersOf(
        class {
          toString() {
            return '';
          }
        },
      ),
    ).toEqual({ toString: 'method' });
    class Bare {
      method() {}
    }
    Object.setPrototypeOf(Bare.prototype, null);
    expect(membersOf(Bare)).toEqual({ method: 'method' });
  });

  it('are the ones that the class names, and before that the ones that its registration names', () => {
    class Named {
      static readonly exposed = ['_a', 'field'];
      field = 1;
      _a() {}
      b() {}
    }
    class Heir extends Named {
      c() {}
    }
    expect(membersOf(Named)).toEqual({ _a: 'method', field: 'field' });
    expect(membersOf(Heir)).toEqual({ _a: 'method', field: 'field' });
    expect(membersOf(Heir, ['c'])).toEqual({ c: 'method' });
    expect(membersOf(Heir, [])).toEqual({});
  });

  it.each(['constructor', '__proto__', 'prototype'])('never include %s', (name) => {
    expect(() => membersOf(class {}, [name])).toThrow(InvalidArgumentError);
  });

  it('do not include a value that an instance has under the name of a method', () => {
    class Greedy {
      constructor(data: object) {
        Object.assign(this, data);
      }
      method() {
        return 'its own';
      }
    }
    const types = new TypeRegistry();
    types.register('Greedy', Greedy);
    const greedy = types.get('Greedy')!;
    const { members } = greedy;
    const instance = greedy.make([{ method: () => 'of the data', other: 1 }]);
    expect(members.get('method')!.use(instance, [])).toBe('its own');
    expect(members.get('other')).toBeUndefined();
  });

  it('include as fields only properties of the instance itself', () => {
    class Holder {
      value = 3;
    }
    const types = new TypeRegistry();
    types.register('Holder', Holder, { exposed: ['value', 'toString', 'valueOf'] });
    const holder = types.get('Holder')!;
    const { members } = holder;
    const instance = holder.make([]);
    expect(members.get('value')!.use(instance, [])).toBe(3);
    expect(members.get('toString')!.use(instance, [])).toBeUndefined();
  });
});

describe('registering', () => {
  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['an object', {}],
    ['nothing', undefined],
    ['Object', Object],
  ])('refuses %s', (_, type) => {
    expect(() => new TypeRegistry().register('T', type as Constructor)).toThrow(InvalidArgumentError);
  });

  it.each<unknown>(['a', [1], [Symbol('s')], { length: 0 }])('refuses %p as exposed members', (exposed) => {
    expect(() => new TypeRegistry().register('T', class {}, { exposed: exposed as string[] })).toThrow(InvalidArgumentError);
  });

  it('refuses a second class under a name, and takes the same one again, and under another name', () => {
    class One {}
    const types = new TypeRegistry();
    types.register('One', One);
    types.register('One', One);
    types.register('Another', One);
    expect(() => types.register('One', class {})).toThrow(AlreadyExistsError);
    class Two {
      a(): void {}
      b(): void {}
    }
    types.register('Two', Two, { exposed: ['a', 'b'] });
    types.register('Two', Two, { exposed: ['b', 'a'] });
    expect(() => types.register('Two', Two, { exposed: ['a'] })).toThrow(AlreadyExistsError);
    expect(types.list().map(({ name }) => name)).toEqual(['Another', 'One', 'Two']);
    expect(types.typeOf(new One())?.name).toBe('One');
    expect(types.typeOf(new (class extends One {})())).toBeUndefined();
    expect(types.typeOf(Object.create(null) as object)).toBeUndefined();
  });
});
