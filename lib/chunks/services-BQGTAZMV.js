import {
  Session,
  asManagerError,
  services
} from "./chunk-GKFANONQ.js";
import {
  CancelledError,
  Error,
  JSON_TAG,
  MAX_DEPTH,
  PREFIX_BYTES,
  Reader,
  TAG,
  Writer,
  binaryClass,
  bytesOf,
  decodeOpaque,
  errorParts,
  isBytes,
  kindOf,
  referenceOf,
  statusOf,
  toWire
} from "./chunk-2GGWTFG2.js";

// dist/server/grpc/services.js
import { Server, ServerCredentials, status as status2 } from "@grpc/grpc-js";

// dist/server/grpc/connect.js
import { Metadata } from "@grpc/grpc-js";
function connect(accept) {
  return (call) => {
    call.sendMetadata(new Metadata());
    const events = accept(new GrpcFrameStream(call));
    call.on("data", (frame) => events.frame(frame));
    call.on("drain", () => events.writable());
    for (const end of ["end", "cancelled", "error", "close"])
      call.on(end, () => events.ended());
  };
}
var GrpcFrameStream = class {
  call;
  constructor(call) {
    this.call = call;
  }
  write(frame) {
    return this.call.write(frame.subarray(PREFIX_BYTES));
  }
  pause() {
    this.call.pause();
  }
  resume() {
    this.call.resume();
  }
  end() {
    this.call.end();
  }
  fail(code, details2) {
    this.call.emit("error", { code, details: details2 });
  }
};

// dist/server/grpc/health.js
import { status } from "@grpc/grpc-js";
var SERVING = 1;
var NOT_SERVING = 2;
var Health = class {
  services;
  #status = SERVING;
  #watchers = /* @__PURE__ */ new Set();
  constructor(services2) {
    this.services = services2;
  }
  /** From now on, nothing is served. */
  stop() {
    this.#status = NOT_SERVING;
    for (const tell of this.#watchers)
      tell();
  }
  check = (call, done) => {
    const service = requestedService(call.request);
    if (service !== "" && !this.services.has(service))
      done({ code: status.NOT_FOUND, details: `no service ${service}` });
    else
      done(null, response(this.#status));
  };
  list = (_call, done) => {
    const w = new Writer();
    for (const service of ["", ...this.services]) {
      const entry = w.open(10);
      w.string(10, service);
      w.bytes(18, response(this.#status));
      w.close(entry);
    }
    done(null, w.take());
  };
  watch = (call) => {
    const tell = () => {
      call.write(response(this.#status));
    };
    this.#watchers.add(tell);
    call.on("cancelled", () => this.#watchers.delete(tell));
    tell();
  };
};
function requestedService(request) {
  const r = new Reader(request);
  let service = "";
  while (r.position < request.length) {
    const tag = r.tag();
    if (tag === 10)
      service = r.string();
    else
      r.skip(tag);
  }
  return service;
}
function response(current) {
  const w = new Writer();
  w.uint32(8, current);
  return w.take();
}

// dist/server/grpc/unary.js
import { Metadata as Metadata2 } from "@grpc/grpc-js";

// dist/proto/codec/json.js
var MAX_REPEATED = 1e5;
function toJsonPayload(payload) {
  const tag = typeof payload === "string" ? payload.charCodeAt(0) : payload[0];
  if (tag !== TAG.PACKED && tag !== TAG.REFERENCES)
    return payload;
  const { value } = decodeOpaque(payload);
  const writer = new Writer();
  new JsonWriter(writer).value(TAG.JSON, value, 0);
  return Buffer.from(writer.take());
}
var JsonWriter = class {
  #writer;
  /** Objects being written: meeting one again is a cycle. */
  #open = /* @__PURE__ */ new Set();
  #seen = /* @__PURE__ */ new Set();
  #repeated = 0;
  constructor(writer) {
    this.#writer = writer;
  }
  /** Writes a value as the `google.protobuf.Value` of a field. */
  value(tag, value, depth) {
    const at = this.#writer.open(tag);
    this.#content(value, depth);
    this.#writer.close(at);
  }
  #content(value, depth) {
    const writer = this.#writer;
    if (value === null || value === void 0)
      writer.uint32(JSON_TAG.NULL, 0);
    else if (typeof value === "boolean")
      writer.bool(JSON_TAG.BOOL, value);
    else if (typeof value === "string")
      writer.string(JSON_TAG.STRING, value);
    else if (typeof value === "number" && Number.isFinite(value))
      writer.double(JSON_TAG.NUMBER, value);
    else if (typeof value === "object")
      this.#object(value, depth);
    else
      writer.string(JSON_TAG.STRING, String(value));
  }
  #object(value, depth) {
    const mark = this.#open.has(value) ? "[cycle]" : depth >= MAX_DEPTH ? "[too deep]" : this.#isTooOften(value) ? "[again]" : void 0;
    if (mark !== void 0)
      return this.#writer.string(JSON_TAG.STRING, mark);
    this.#open.add(value);
    this.#opened(value, depth);
    this.#open.delete(value);
  }
  #isTooOften(value) {
    if (!this.#seen.has(value))
      this.#seen.add(value);
    else
      this.#repeated++;
    return this.#repeated > MAX_REPEATED;
  }
  #opened(value, depth) {
    const kind = kindOf(value);
    switch (kind) {
      case "array":
        return this.#list(value, depth);
      case "set":
        return this.#list(value, depth);
      case "map":
        return this.#map(value, depth);
      case "date":
        return this.#content(isoText(value), depth);
      case "regexp":
        return this.#content(String(value), depth);
      case "error": {
        const { message, stack, cause } = errorParts(value);
        return this.#struct(Object.entries({ name: String(value.name), message, stack, cause }), depth);
      }
      case "buffer":
      case "view":
        return this.#binary(value, depth);
      case "reference": {
        const { kind: kind2, name } = referenceOf(value);
        return this.#struct(Object.entries({ kind: kind2, name }), depth);
      }
      case "opaque":
        return this.#content(value.data, depth);
      default:
        return this.#struct(Object.entries(value), depth);
    }
  }
  #map(map, depth) {
    const entries = [...map];
    const areTexts = entries.every((entry) => typeof entry[0] === "string");
    if (areTexts)
      this.#struct(entries, depth);
    else
      this.#list(entries, depth);
  }
  #list(items, depth) {
    const at = this.#writer.open(JSON_TAG.LIST);
    for (const item of items)
      this.value(JSON_TAG.ITEM, item, depth + 1);
    this.#writer.close(at);
  }
  #struct(entries, depth) {
    const at = this.#writer.open(JSON_TAG.STRUCT);
    for (const [key, value] of entries) {
      if (value === void 0)
        continue;
      const entry = this.#writer.open(JSON_TAG.ITEM);
      this.#writer.string(JSON_TAG.KEY, key);
      this.value(JSON_TAG.VALUE, value, depth + 1);
      this.#writer.close(entry);
    }
    this.#writer.close(at);
  }
  /** Bytes as base64, as protobuf's JSON has them; numbers as numbers. */
  #binary(value, depth) {
    const name = binaryClass(value);
    if (isBytes(value) || name === "ArrayBuffer" || name === "DataView") {
      const bytes = bytesOf(value);
      return this.#content(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"), depth);
    }
    this.#list(value, depth);
  }
};
function isoText(date) {
  return Number.isNaN(date.getTime()) ? "Invalid Date" : date.toISOString();
}

// dist/server/grpc/unary.js
var PAYLOADS_HEADER = "commonhold-payloads";
var ReadableWriter = class extends Writer {
  payload(tag, value) {
    super.payload(tag, toJsonPayload(value));
  }
};
var UnaryCall = class {
  readOnly;
  session;
  cancel;
  giveBack;
  constructor(peer, readOnly) {
    this.readOnly = readOnly;
    this.session = new Session("", { label: `unary call from ${peer}` });
  }
  handOver(giveBack) {
    this.giveBack = giveBack;
  }
};
function unary({ method, handler }, manager) {
  return async (call, done) => {
    const context = new UnaryCall(call.getPeer(), method.idempotency === "read");
    manager.callsTotal++;
    call.on("cancelled", () => {
      context.cancel?.(new CancelledError("cancelled by the caller"));
      context.giveBack?.(0);
    });
    try {
      if (manager.draining)
        throw manager.draining;
      const request = method.input.read(new Reader(call.request), call.request.length);
      manager.unaryCalls.add(context);
      const response2 = await handler(request, context);
      if (call.cancelled)
        return context.giveBack?.(0);
      done(null, encode(call, method.output, response2));
    } catch (error) {
      refuse(done, asManagerError(error), method.name);
    } finally {
      manager.unaryCalls.delete(context);
    }
  };
}
function encode(call, codec, response2) {
  const packed = call.metadata.get(PAYLOADS_HEADER).includes("packed");
  const writer = packed ? new Writer() : new ReadableWriter();
  codec.write(writer, response2);
  return writer.take();
}
function refuse(done, error, method) {
  const metadata = new Metadata2();
  metadata.set("grpc-status-details-bin", details(error, method));
  done({ code: statusOf(error.code), details: error.message, metadata });
}
function details(error, method) {
  const w = new Writer();
  w.uint32(8, statusOf(error.code));
  w.string(18, error.message);
  const any = w.open(26);
  w.string(10, `type.googleapis.com/${Error.typeName}`);
  const value = w.open(18);
  Error.write(w, { ...toWire(error), method });
  w.close(value);
  w.close(any);
  return w.take();
}

// dist/server/grpc/services.js
var SESSION = "commonhold.v1.SessionService";
var HEALTH = "grpc.health.v1.Health";
var REFLECTION = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
var UNARY = { requestStream: false, responseStream: false };
var SERVER_STREAM = { requestStream: false, responseStream: true };
var BIDI = { requestStream: true, responseStream: true };
function createGrpcServer(manager, accept, guard) {
  const server = new Server({
    "grpc.max_receive_message_length": manager.maxFrameBytes,
    "grpc.max_send_message_length": -1,
    "grpc.enable_channelz": 0
  });
  const health = addServices(server, manager, accept, guard);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    health,
    inject: (socket) => injector.injectConnection(socket),
    async close(graceMs) {
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      injector.drain(graceMs);
      await new Promise((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    }
  };
}
function addServices(server, manager, accept, guard) {
  const add = (service, name, streams, handler) => {
    server.addService({ [name]: { path: `/${service}/${name}`, ...streams, ...BYTES } }, { [name]: guarded(handler, guard, streams.responseStream) });
  };
  for (const route of manager.routes) {
    const [service, name] = route.method.name.split("/");
    add(service, name, UNARY, unary(route, manager));
  }
  add(SESSION, "Connect", BIDI, connect(accept));
  const ours = [...services.map(({ typeName }) => typeName), SESSION];
  const health = new Health(new Set(ours));
  add(HEALTH, "Check", UNARY, health.check);
  add(HEALTH, "List", UNARY, health.list);
  add(HEALTH, "Watch", SERVER_STREAM, health.watch);
  const reflection = lazyReflection([...ours, HEALTH, ...REFLECTION]);
  for (const service of REFLECTION)
    add(service, "ServerReflectionInfo", BIDI, reflection);
  return health;
}
var asIs = (bytes) => bytes;
var BYTES = { requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs };
function lazyReflection(names) {
  let serving;
  return (stream) => {
    serving ??= import("./reflection-A475WV2Z.js").then(async ({ Reflection, serveReflection }) => serveReflection(await Reflection.load(names)));
    serving.then((serve) => serve(stream), (error) => stream.emit("error", { code: status2.INTERNAL, details: `reflection: ${String(error)}` }));
  };
}
function guarded(handler, guard, streams) {
  const checked = (call, done) => {
    const refusal = guard(call.metadata.get("authorization")[0]?.toString());
    if (refusal === void 0)
      handler(call, done);
    else if (streams)
      call.emit("error", refusal);
    else
      done(refusal);
  };
  return checked;
}
export {
  createGrpcServer
};
