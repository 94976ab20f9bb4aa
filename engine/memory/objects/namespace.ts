import { keyOf } from '../../../proto/codec/key.js';
import type { Handlers } from '../../../proto/contract.js';
import type { NamespaceProperty, NamespaceService } from '../../../proto/gen/commonhold/v1/namespace_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { compact } from '../collections/bytes.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { OrderedMap } from '../collections/ordered-map.js';

/** Named properties, as Python's Namespace. */
export class MemoryNamespace extends SharedObject {
  readonly kind = 'namespace';
  readonly properties = new OrderedMap(this);

  get size(): number {
    return this.properties.size;
  }

  override state() {
    return this.properties.state();
  }

  override restore(state: StateOf<MemoryNamespace>): void {
    this.properties.restore(state);
  }

  assign(properties: readonly NamespaceProperty[]): void {
    for (const { property, value } of properties) this.properties.set(property, compact(value));
  }

  /** Returns all properties in insertion order. */
  list(): NamespaceProperty[] {
    return this.properties.all().map(({ key, value }) => ({ property: keyOf(key) as string, value }));
  }
}

const namespaceKind: ObjectKind<MemoryNamespace> = { kind: 'namespace', make: (name) => new MemoryNamespace(name) };

export function namespaceHandlers(keyspace: Keyspace): Handlers<typeof NamespaceService> {
  return {
    open(request, context) {
      const { object, created } = keyspace.create(namespaceKind, request, context);
      if (created) object.assign(request.initial);
      return { created };
    },

    get: ({ name, property }, context) => ({ value: keyspace.open(namespaceKind, name, context).properties.get(property)?.value }),

    set({ name, property, value }, context) {
      keyspace.open(namespaceKind, name, context).properties.set(property, compact(value));
      return NOTHING;
    },

    has: ({ name, property }, context) => ({
      found: keyspace.open(namespaceKind, name, context).properties.get(property) !== undefined,
    }),

    delete: ({ name, property }, context) => ({
      deleted: keyspace.open(namespaceKind, name, context).properties.delete(property) !== undefined,
    }),

    assign({ name, properties }, context) {
      keyspace.open(namespaceKind, name, context).assign(properties);
      return NOTHING;
    },

    compareAndSet: ({ name, property, expected, next }, context) => ({
      swapped: keyspace.open(namespaceKind, name, context).properties.compareAndSet(property, expected, next),
    }),

    snapshot: ({ name }, context) => ({ properties: keyspace.open(namespaceKind, name, context).list() }),
  };
}

const NOTHING = {};
