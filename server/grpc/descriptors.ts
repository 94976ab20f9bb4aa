import { readFile } from 'node:fs/promises';
import { create, createFileRegistry, equals, fromBinary, type FileRegistry } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
  type FileDescriptorSet,
} from '@bufbuild/protobuf/wkt';
import { InvalidArgumentError } from '../../proto/errors.js';
import { DESCRIPTORS } from '../paths.js';

/** The files that reflection can describe. */
export interface Described {
  readonly registry: FileRegistry;
  /** The files as read, by name. */
  readonly protos: ReadonlyMap<string, FileDescriptorProto>;
}

/**
 * Reads the descriptors of the contract and of users' messages.
 * @param paths files with a FileDescriptorSet each
 * @throws InvalidArgumentError if a file cannot be read, lacks an import, or contradicts another file
 */
export async function describe(paths: readonly string[]): Promise<Described> {
  const protos = new Map<string, FileDescriptorProto>();
  const origins = new Map<string, string>();
  const add = (set: FileDescriptorSet, origin: string): void => {
    for (const file of set.file) {
      const known = protos.get(file.name);
      if (known === undefined) {
        protos.set(file.name, file);
        origins.set(file.name, origin);
      } else if (!file.name.startsWith('google/protobuf/') && !same(known, file)) {
        throw new InvalidArgumentError(
          `${origin} and ${origins.get(file.name)!} describe ${file.name} differently: build both from the same files`,
        );
      }
    }
  };
  add(fromBinary(FileDescriptorSetSchema, await readFile(DESCRIPTORS)), 'the manager');
  for (const path of paths) add(await readSet(path), path);
  return { registry: registryOf(protos, origins), protos };
}

async function readSet(path: string): Promise<FileDescriptorSet> {
  let set: FileDescriptorSet;
  try {
    set = fromBinary(FileDescriptorSetSchema, await readFile(path));
  } catch (cause) {
    throw new InvalidArgumentError(`cannot read the descriptors in ${path}: ${(cause as Error).message}`, { cause });
  }
  if (set.file.length > 0 && set.file.every(({ name }) => name !== '')) return set;
  throw new InvalidArgumentError(
    `${path} holds no descriptors: give a FileDescriptorSet, as buf build --as-file-descriptor-set -o writes it`,
  );
}

/** Compares two files without comments and source positions. */
function same(one: FileDescriptorProto, other: FileDescriptorProto): boolean {
  const bare = (file: FileDescriptorProto): FileDescriptorProto => {
    const { sourceCodeInfo: _, ...rest } = file;
    return create(FileDescriptorProtoSchema, rest);
  };
  return equals(FileDescriptorProtoSchema, bare(one), bare(other));
}

function registryOf(protos: ReadonlyMap<string, FileDescriptorProto>, origins: ReadonlyMap<string, string>): FileRegistry {
  const file = ordered(protos, origins);
  let registry: FileRegistry;
  try {
    registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  } catch (cause) {
    throw new InvalidArgumentError(`the descriptors are inconsistent: ${(cause as Error).message}`, { cause });
  }
  const definers = new Map<string, string>();
  for (const described of registry.files) {
    const { name } = described.proto;
    for (const { typeName } of nestedTypes(described)) {
      const before = definers.get(typeName);
      if (before !== undefined) {
        throw new InvalidArgumentError(
          `${typeName} is defined twice: in ${before} (of ${origins.get(before)!}) and in ${name} (of ${origins.get(name)!})`,
        );
      }
      definers.set(typeName, name);
    }
  }
  return registry;
}

/** Sorts the files so that each comes after its imports. */
function ordered(protos: ReadonlyMap<string, FileDescriptorProto>, origins: ReadonlyMap<string, string>): FileDescriptorProto[] {
  const order = new Set<FileDescriptorProto>();
  const entered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto): void => {
    if (order.has(file)) return;
    if (entered.has(file)) throw new InvalidArgumentError(`${file.name} (of ${origins.get(file.name)!}) imports itself in a cycle`);
    entered.add(file);
    for (const name of file.dependency) {
      const imported = protos.get(name);
      if (imported === undefined) {
        throw new InvalidArgumentError(
          `${origins.get(file.name)!} lacks ${name}, which ${file.name} imports: write it with its imports (protoc --include_imports)`,
        );
      }
      visit(imported);
    }
    order.add(file);
  };
  for (const file of protos.values()) visit(file);
  return [...order];
}
