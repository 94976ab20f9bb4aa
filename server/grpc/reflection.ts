import { status, type handleBidiStreamingCall } from '@grpc/grpc-js';
import { create, fromBinary, toBinary, type DescFile, type FileRegistry, type MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import {
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
  type ServerReflectionRequest,
} from '../../proto/gen/grpc/reflection/v1/reflection_pb.js';
import { describe, type Described } from './descriptors.js';

type ReflectionAnswer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;

/** Answers reflection requests: the services of the server, and the files of the contract and of users. */
export class Reflection {
  readonly #registry: FileRegistry;
  readonly #protos: ReadonlyMap<string, FileDescriptorProto>;

  private constructor(
    { registry, protos }: Described,
    readonly services: readonly string[],
  ) {
    this.#registry = registry;
    this.#protos = protos;
  }

  /** @param described descriptors to serve. Default: the contract */
  static async load(services: readonly string[], described?: Described): Promise<Reflection> {
    return new Reflection(described ?? (await describe([])), services);
  }

  answer(request: ServerReflectionRequest): ReflectionAnswer {
    const { case: asked, value } = request.messageRequest;
    switch (asked) {
      case 'listServices':
        return { case: 'listServicesResponse', value: { service: this.services.map((name) => ({ name })) } };
      case 'fileByFilename':
        return this.#files(this.#registry.getFile(value), value);
      case 'fileContainingSymbol':
        return this.#files(this.#fileOf(value), value);
      case 'fileContainingExtension': {
        const extended = this.#registry.getMessage(value.containingType);
        const extension = extended && this.#registry.getExtensionFor(extended, value.extensionNumber);
        return this.#files(extension?.file, value.containingType);
      }
      case 'allExtensionNumbersOfType':
        return this.#extensionNumbers(value);
      default:
        return failure(status.INVALID_ARGUMENT, 'the request is empty');
    }
  }

  /** Finds the file that defines a symbol: a type, a service, or a member of one. */
  #fileOf(symbol: string): DescFile | undefined {
    const found = this.#registry.get(symbol);
    if (found) return found.file;
    const parent = symbol.slice(0, symbol.lastIndexOf('.'));
    const owner = parent === '' ? undefined : this.#registry.get(parent);
    return owner?.file;
  }

  /** Returns a file with all its imports, so that the client needs one request. */
  #files(file: DescFile | undefined, asked: string): ReflectionAnswer {
    if (!file) return failure(status.NOT_FOUND, `nothing named ${asked} here`);
    const closure = new Map<string, Uint8Array>();
    const visit = (current: DescFile): void => {
      const name = current.proto.name;
      if (closure.has(name)) return;
      closure.set(name, toBinary(FileDescriptorProtoSchema, this.#protos.get(name)!));
      current.dependencies.forEach(visit);
    };
    visit(file);
    return { case: 'fileDescriptorResponse', value: { fileDescriptorProto: [...closure.values()] } };
  }

  #extensionNumbers(typeName: string): ReflectionAnswer {
    if (!this.#registry.getMessage(typeName)) return failure(status.NOT_FOUND, `no message ${typeName}`);
    const extensionNumber = [...this.#registry].flatMap((type) =>
      type.kind === 'extension' && type.extendee.typeName === typeName ? [type.number] : [],
    );
    return { case: 'allExtensionNumbersResponse', value: { baseTypeName: typeName, extensionNumber } };
  }
}

function failure(errorCode: status, errorMessage: string): ReflectionAnswer {
  return { case: 'errorResponse', value: { errorCode, errorMessage } };
}

/** Decodes a request. Returns undefined if it is malformed. */
function readRequest(bytes: Buffer): ServerReflectionRequest | undefined {
  try {
    return fromBinary(ServerReflectionRequestSchema, bytes);
  } catch {
    return undefined;
  }
}

/** Serves ServerReflectionInfo of v1 and v1alpha, whose messages are the same on the wire. */
export function serveReflection(reflection: Reflection): handleBidiStreamingCall<Buffer, Buffer> {
  return (call) => {
    call.on('data', (bytes: Buffer) => {
      const originalRequest = readRequest(bytes);
      if (originalRequest === undefined) {
        call.emit('error', { code: status.INVALID_ARGUMENT, details: 'malformed request' });
        return;
      }
      const messageResponse = reflection.answer(originalRequest);
      const response = create(ServerReflectionResponseSchema, { validHost: originalRequest.host, originalRequest, messageResponse });
      call.write(Buffer.from(toBinary(ServerReflectionResponseSchema, response)));
    });
    call.on('end', () => call.end());
    call.on('error', () => {});
  };
}
