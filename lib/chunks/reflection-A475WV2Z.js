// dist/server/grpc/reflection.js
import { readFile } from "node:fs/promises";
import { status } from "@grpc/grpc-js";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

// dist/proto/gen/grpc/reflection/v1/reflection_pb.js
import { fileDesc, messageDesc, serviceDesc } from "@bufbuild/protobuf/codegenv2";
var file_grpc_reflection_v1_reflection = /* @__PURE__ */ fileDesc("CiNncnBjL3JlZmxlY3Rpb24vdjEvcmVmbGVjdGlvbi5wcm90bxISZ3JwYy5yZWZsZWN0aW9uLnYxIoUCChdTZXJ2ZXJSZWZsZWN0aW9uUmVxdWVzdBIMCgRob3N0GAEgASgJEhoKEGZpbGVfYnlfZmlsZW5hbWUYAyABKAlIABIgChZmaWxlX2NvbnRhaW5pbmdfc3ltYm9sGAQgASgJSAASSQoZZmlsZV9jb250YWluaW5nX2V4dGVuc2lvbhgFIAEoCzIkLmdycGMucmVmbGVjdGlvbi52MS5FeHRlbnNpb25SZXF1ZXN0SAASJwodYWxsX2V4dGVuc2lvbl9udW1iZXJzX29mX3R5cGUYBiABKAlIABIXCg1saXN0X3NlcnZpY2VzGAcgASgJSABCEQoPbWVzc2FnZV9yZXF1ZXN0IkUKEEV4dGVuc2lvblJlcXVlc3QSFwoPY29udGFpbmluZ190eXBlGAEgASgJEhgKEGV4dGVuc2lvbl9udW1iZXIYAiABKAUiuAMKGFNlcnZlclJlZmxlY3Rpb25SZXNwb25zZRISCgp2YWxpZF9ob3N0GAEgASgJEkUKEG9yaWdpbmFsX3JlcXVlc3QYAiABKAsyKy5ncnBjLnJlZmxlY3Rpb24udjEuU2VydmVyUmVmbGVjdGlvblJlcXVlc3QSTgoYZmlsZV9kZXNjcmlwdG9yX3Jlc3BvbnNlGAQgASgLMiouZ3JwYy5yZWZsZWN0aW9uLnYxLkZpbGVEZXNjcmlwdG9yUmVzcG9uc2VIABJVCh5hbGxfZXh0ZW5zaW9uX251bWJlcnNfcmVzcG9uc2UYBSABKAsyKy5ncnBjLnJlZmxlY3Rpb24udjEuRXh0ZW5zaW9uTnVtYmVyUmVzcG9uc2VIABJJChZsaXN0X3NlcnZpY2VzX3Jlc3BvbnNlGAYgASgLMicuZ3JwYy5yZWZsZWN0aW9uLnYxLkxpc3RTZXJ2aWNlUmVzcG9uc2VIABI7Cg5lcnJvcl9yZXNwb25zZRgHIAEoCzIhLmdycGMucmVmbGVjdGlvbi52MS5FcnJvclJlc3BvbnNlSABCEgoQbWVzc2FnZV9yZXNwb25zZSI3ChZGaWxlRGVzY3JpcHRvclJlc3BvbnNlEh0KFWZpbGVfZGVzY3JpcHRvcl9wcm90bxgBIAMoDCJLChdFeHRlbnNpb25OdW1iZXJSZXNwb25zZRIWCg5iYXNlX3R5cGVfbmFtZRgBIAEoCRIYChBleHRlbnNpb25fbnVtYmVyGAIgAygFIksKE0xpc3RTZXJ2aWNlUmVzcG9uc2USNAoHc2VydmljZRgBIAMoCzIjLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2aWNlUmVzcG9uc2UiHwoPU2VydmljZVJlc3BvbnNlEgwKBG5hbWUYASABKAkiOgoNRXJyb3JSZXNwb25zZRISCgplcnJvcl9jb2RlGAEgASgFEhUKDWVycm9yX21lc3NhZ2UYAiABKAkyiQEKEFNlcnZlclJlZmxlY3Rpb24SdQoUU2VydmVyUmVmbGVjdGlvbkluZm8SKy5ncnBjLnJlZmxlY3Rpb24udjEuU2VydmVyUmVmbGVjdGlvblJlcXVlc3QaLC5ncnBjLnJlZmxlY3Rpb24udjEuU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlKAEwAUJmChVpby5ncnBjLnJlZmxlY3Rpb24udjFCFVNlcnZlclJlZmxlY3Rpb25Qcm90b1ABWjRnb29nbGUuZ29sYW5nLm9yZy9ncnBjL3JlZmxlY3Rpb24vZ3JwY19yZWZsZWN0aW9uX3YxYgZwcm90bzM");
var ServerReflectionRequestSchema = /* @__PURE__ */ messageDesc(file_grpc_reflection_v1_reflection, 0);
var ServerReflectionResponseSchema = /* @__PURE__ */ messageDesc(file_grpc_reflection_v1_reflection, 2);

// dist/server/paths.js
var DESCRIPTORS = new URL("../proto/descriptors.binpb", import.meta.url);

// dist/server/grpc/reflection.js
var Reflection = class _Reflection {
  services;
  #registry;
  #protos;
  constructor(descriptors, services) {
    this.services = services;
    const set = fromBinary(FileDescriptorSetSchema, descriptors);
    this.#registry = createFileRegistry(set);
    this.#protos = new Map(set.file.map((file) => [file.name, file]));
  }
  static async load(services) {
    return new _Reflection(await readFile(DESCRIPTORS), services);
  }
  answer(request) {
    const { case: asked, value } = request.messageRequest;
    switch (asked) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: this.services.map((name) => ({ name })) } };
      case "fileByFilename":
        return this.#files(this.#registry.getFile(value.replace(/\.proto$/, "")), value);
      case "fileContainingSymbol":
        return this.#files(this.#fileOf(value), value);
      case "fileContainingExtension":
        return this.#files(this.#registry.getExtensionFor(this.#messageOf(value.containingType), value.extensionNumber)?.file, value.containingType);
      case "allExtensionNumbersOfType":
        return this.#extensionNumbers(value);
      default:
        return failure(status.INVALID_ARGUMENT, "the request asks nothing");
    }
  }
  /** The file that defines a symbol: a type, a service, or a member of one. */
  #fileOf(symbol) {
    const found = this.#registry.get(symbol);
    if (found)
      return found.file;
    const parent = symbol.slice(0, symbol.lastIndexOf("."));
    const owner = parent === "" ? void 0 : this.#registry.get(parent);
    return owner?.file;
  }
  #messageOf(typeName) {
    const message = this.#registry.getMessage(typeName);
    if (!message)
      throw new Error(`no message ${typeName}`);
    return message;
  }
  /** A file and all that it imports, so that the caller needs to ask once. */
  #files(file, asked) {
    if (!file)
      return failure(status.NOT_FOUND, `nothing named ${asked} here`);
    const closure = /* @__PURE__ */ new Map();
    const visit = (current) => {
      const name = current.proto.name;
      if (closure.has(name))
        return;
      closure.set(name, toBinary(FileDescriptorProtoSchema, this.#protos.get(name)));
      current.dependencies.forEach(visit);
    };
    visit(file);
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto: [...closure.values()] } };
  }
  #extensionNumbers(typeName) {
    if (!this.#registry.getMessage(typeName))
      return failure(status.NOT_FOUND, `no message ${typeName}`);
    const extensionNumber = [...this.#registry].flatMap((type) => type.kind === "extension" && type.extendee.typeName === typeName ? [type.number] : []);
    return { case: "allExtensionNumbersResponse", value: { baseTypeName: typeName, extensionNumber } };
  }
};
function failure(errorCode, errorMessage) {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
function serveReflection(reflection) {
  return (call) => {
    call.on("data", (bytes) => {
      const originalRequest = fromBinary(ServerReflectionRequestSchema, bytes);
      const messageResponse = reflection.answer(originalRequest);
      const response = create(ServerReflectionResponseSchema, { validHost: originalRequest.host, originalRequest, messageResponse });
      call.write(Buffer.from(toBinary(ServerReflectionResponseSchema, response)));
    });
    call.on("end", () => call.end());
    call.on("error", () => {
    });
  };
}
export {
  Reflection,
  serveReflection
};
