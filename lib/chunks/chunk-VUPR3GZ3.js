import {
  Error,
  InvalidArgumentError,
  MalformedError,
  OutOfRangeError,
  decodeOpaque,
  encodePayload,
  isBytes,
  isInt64,
  isWellFormed
} from "./chunk-2GGWTFG2.js";

// dist/proto/version.js
var VERSION = "0.1.0";
var PROTOCOL = 1;

// dist/proto/codec/key.js
function assertKey(key) {
  switch (typeof key) {
    case "string":
      if (!isWellFormed(key))
        throw new InvalidArgumentError("a key must be well-formed text: this one has half a surrogate pair");
      return;
    case "bigint":
      if (!isInt64(key))
        throw new InvalidArgumentError(`a bigint key must fit 64 bits: ${key} does not; use its text`);
      return;
    case "number":
    case "boolean":
      return;
    default:
      if (isBytes(key))
        return;
      throw new InvalidArgumentError("a key must be a text, number, bigint, boolean or Uint8Array");
  }
}
var ESCAPE = "\0";
var ESCAPE_CODE = 0;
var BYTES = `${ESCAPE}b`;
var TEXT = `${ESCAPE}t`;
function mapKey(key) {
  if (typeof key === "string")
    return key.charCodeAt(0) === ESCAPE_CODE ? TEXT + key : key;
  if (typeof key === "number")
    return key === 0 ? 0 : key;
  if (typeof key === "object")
    return BYTES + Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
  return key;
}
function keyOf(key) {
  if (typeof key !== "string" || key.charCodeAt(0) !== ESCAPE_CODE)
    return key;
  const rest = key.slice(BYTES.length);
  return key.startsWith(BYTES) ? Uint8Array.from(rest, (character) => character.charCodeAt(0)) : rest;
}

// dist/proto/codec/typecode.js
var INTEGERS = {
  i8: [-(2 ** 7), 2 ** 7 - 1],
  u8: [0, 2 ** 8 - 1],
  i16: [-(2 ** 15), 2 ** 15 - 1],
  u16: [0, 2 ** 16 - 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1]
};
var BIGINTS = {
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n]
};
function isTypecode(text) {
  return text === "f32" || text === "f64" || text === "bool" || Object.hasOwn(INTEGERS, text) || Object.hasOwn(BIGINTS, text);
}
function coerce(type, value) {
  if (type === "bool")
    return typeof value === "boolean" ? value : wrongType(type, "a boolean", value);
  const bigints = BIGINTS[type];
  if (bigints !== void 0) {
    if (typeof value !== "bigint")
      return wrongType(type, "a bigint", value);
    return value >= bigints[0] && value <= bigints[1] ? value : outOfRange(type, value);
  }
  if (typeof value !== "number")
    return wrongType(type, "a number", value);
  const integers = INTEGERS[type];
  if (integers !== void 0) {
    return Number.isInteger(value) && value >= integers[0] && value <= integers[1] ? value + 0 : outOfRange(type, value);
  }
  const rounded = type === "f32" ? Math.fround(value) : value;
  return Number.isFinite(value) && !Number.isFinite(rounded) ? outOfRange(type, value) : rounded;
}
function coercePayload(type, payload) {
  const { value } = decodeOpaque(payload);
  const coerced = coerce(type, typeof value === "number" || typeof value === "bigint" ? otherKind(type, value) : value);
  return Object.is(coerced, value) ? payload : encodePayload(coerced);
}
function otherKind(type, value) {
  const wantsBigint = BIGINTS[type] !== void 0;
  if (typeof value === "bigint") {
    const number = Number(value);
    if (wantsBigint || type === "bool")
      return value;
    return Number.isFinite(number) && BigInt(number) === value ? number : outOfRange(type, value);
  }
  if (!wantsBigint)
    return value;
  return Number.isInteger(value) ? BigInt(value) : outOfRange(type, value);
}
function wrongType(type, wanted, value) {
  const given = value === null ? "null" : typeof value;
  throw new InvalidArgumentError(`the type ${type} takes ${wanted}, not ${given === "object" ? "an object" : given}`);
}
function outOfRange(type, value) {
  const range = INTEGERS[type] ?? BIGINTS[type];
  const bounds = range === void 0 ? "" : `: a whole number from ${range[0]} to ${range[1]}`;
  const shown = String(value);
  throw new OutOfRangeError(`${shown.length > 40 ? `${shown.slice(0, 40)}\u2026` : shown} is no ${type}${bounds}`);
}

// dist/proto/address.js
import { isIP } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
var LONGEST_PATH = 107;
function parseAddress(text) {
  if (text.startsWith("unix:")) {
    const path = text.slice(5).replace(/^\/\/(?=\/)/, "");
    if (path === "")
      throw new InvalidArgumentError(`"${text}" names no socket: write unix:/path/to.sock`);
    if (Buffer.byteLength(path) > LONGEST_PATH)
      throw new InvalidArgumentError(`the socket path ${path} is too long: the system takes ${LONGEST_PATH} bytes`);
    return { path };
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535)
    throw new InvalidArgumentError(`"${text}" is no address: write HOST:PORT, [IPV6]:PORT or unix:PATH`);
  return { host: match[1] ?? match[2], port };
}
function formatAddress(address) {
  if ("path" in address)
    return `unix:${address.path}`;
  return isIP(address.host) === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
function userSocket() {
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const directory = runtime ? join(runtime, "commonhold") : join(tmpdir(), `commonhold-${userInfo().uid}`);
  return `unix:${join(directory, "manager.sock")}`;
}

// dist/proto/gen/commonhold/v1/session_wire.js
var Hello = {
  typeName: "commonhold.v1.Hello",
  write(w, m) {
    if (m.protocol !== 0)
      w.uint32(8, m.protocol);
    if (m.host !== "")
      w.string(18, m.host);
    if (m.pid !== 0)
      w.uint32(24, m.pid);
    if (m.label !== "")
      w.string(34, m.label);
  },
  read(r, end) {
    let protocol_ = 0;
    let host_ = "";
    let pid_ = 0;
    let label_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          protocol_ = r.uint32();
          break;
        case 18:
          host_ = r.string();
          break;
        case 24:
          pid_ = r.uint32();
          break;
        case 34:
          label_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { protocol: protocol_, host: host_, pid: pid_, label: label_ };
  }
};
var Welcome = {
  typeName: "commonhold.v1.Welcome",
  write(w, m) {
    if (m.protocol !== 0)
      w.uint32(8, m.protocol);
    if (m.sessionId !== "")
      w.string(18, m.sessionId);
    if (m.version !== "")
      w.string(26, m.version);
    if (m.maxMessageBytes !== 0)
      w.uint32(32, m.maxMessageBytes);
    if (m.maxCalls !== 0)
      w.uint32(40, m.maxCalls);
    for (const item of m.methods) {
      w.string(50, item);
    }
  },
  read(r, end) {
    let protocol_ = 0;
    let sessionId_ = "";
    let version_ = "";
    let maxMessageBytes_ = 0;
    let maxCalls_ = 0;
    const methods_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          protocol_ = r.uint32();
          break;
        case 18:
          sessionId_ = r.string();
          break;
        case 26:
          version_ = r.string();
          break;
        case 32:
          maxMessageBytes_ = r.uint32();
          break;
        case 40:
          maxCalls_ = r.uint32();
          break;
        case 50:
          methods_.push(r.string());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { protocol: protocol_, sessionId: sessionId_, version: version_, maxMessageBytes: maxMessageBytes_, maxCalls: maxCalls_, methods: methods_ };
  }
};
var Taken = {
  typeName: "commonhold.v1.Taken",
  write(w, m) {
    if (m.id !== 0)
      w.uint32(8, m.id);
    if (m.count !== void 0) {
      w.uint32(16, m.count);
    }
  },
  read(r, end) {
    let id_ = 0;
    let count_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          id_ = r.uint32();
          break;
        case 16:
          count_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { id: id_, count: count_ };
  }
};
var Notice = {
  typeName: "commonhold.v1.Notice",
  write(w, m) {
    if (m.lostToken !== void 0) {
      w.uint64(8, m.lostToken);
    }
    if (m.draining !== void 0) {
      w.bool(16, m.draining);
    }
  },
  read(r, end) {
    let lostToken_;
    let draining_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          lostToken_ = r.uint64();
          break;
        case 16:
          draining_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { lostToken: lostToken_, draining: draining_ };
  }
};

// dist/proto/wire/frames.js
function writeMessage(w, tag, codec, message) {
  const at = w.open(tag);
  codec.write(w, message);
  w.close(at);
}
function writeHello(w, hello) {
  writeMessage(w, 10, Hello, hello);
}
function writeWelcome(w, welcome) {
  writeMessage(w, 10, Welcome, welcome);
}
function writeCall(w, id, method, codec, request2, opening) {
  const at = w.open(18);
  w.uint32(8, id);
  if (method !== 0)
    w.uint32(16, method);
  writeMessage(w, 26, codec, request2);
  if (opening)
    writeMessage(w, 34, opening.codec, opening.request);
  w.close(at);
}
function writeCancel(w, id) {
  w.uint32(24, id);
}
function writeTaken(w, taken) {
  writeMessage(w, 34, Taken, taken);
}
function writeGoodbye(w) {
  w.bool(40, true);
}
function writeAnswer(w, id, codec, response) {
  const at = w.open(18);
  w.uint32(8, id);
  writeMessage(w, 18, codec, response);
  w.close(at);
}
function writeFailure(w, id, error) {
  const at = w.open(18);
  w.uint32(8, id);
  writeMessage(w, 26, Error, error);
  w.close(at);
}
function writeNotice(w, notice) {
  writeMessage(w, 26, Notice, notice);
}
var request = { begin: -1, end: -1 };
var open = { begin: -1, end: -1 };
function readClientFrame(r, end, visitor) {
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 18)
      readCall(r, r.limit(), visitor);
    else if (tag === 34)
      visitor.taken(Taken.read(r, r.limit()));
    else if (tag === 24)
      visitor.cancel(r.uint32());
    else if (tag === 26)
      for (const stop = r.limit(); r.position < stop; )
        visitor.cancel(r.uint32());
    else if (tag === 10)
      visitor.hello(Hello.read(r, r.limit()));
    else if (tag === 40) {
      if (r.bool())
        visitor.goodbye();
    } else
      r.skip(tag);
  }
  r.finish(end);
}
function readCall(r, end, visitor) {
  let id = 0;
  let method = 0;
  request.begin = open.begin = -1;
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 8)
      id = r.uint32();
    else if (tag === 16)
      method = r.uint32();
    else if (tag === 26)
      passOver(r, request);
    else if (tag === 34)
      passOver(r, open);
    else
      r.skip(tag);
  }
  r.finish(end);
  if (request.begin < 0)
    throw new MalformedError("a call without a request");
  visitor.call(id, method, request, open, r);
  r.position = end;
}
function readServerFrame(r, end, visitor) {
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 18)
      readAnswer(r, r.limit(), visitor);
    else if (tag === 26)
      visitor.notice(Notice.read(r, r.limit()));
    else if (tag === 10)
      visitor.welcome(Welcome.read(r, r.limit()));
    else
      r.skip(tag);
  }
  r.finish(end);
}
function readAnswer(r, end, visitor) {
  let id = 0;
  let error;
  request.begin = -1;
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 8)
      id = r.uint32();
    else if (tag === 18)
      passOver(r, request);
    else if (tag === 26)
      error = Error.read(r, r.limit());
    else
      r.skip(tag);
  }
  r.finish(end);
  if (error)
    visitor.failure(id, error);
  else if (request.begin >= 0)
    visitor.answer(id, request, r);
  else
    throw new MalformedError("an answer without an outcome");
  r.position = end;
}
function passOver(r, span) {
  span.end = r.limit();
  span.begin = r.position;
  r.position = span.end;
}
function readSpan(r, codec, { begin, end }) {
  r.position = begin;
  return codec.read(r, end);
}

// dist/proto/session-stream.js
var CONNECT_PATH = "/commonhold.v1.SessionService/Connect";
var SDK_SETTING = 29728;

export {
  assertKey,
  mapKey,
  keyOf,
  parseAddress,
  formatAddress,
  userSocket,
  isTypecode,
  coerce,
  coercePayload,
  VERSION,
  PROTOCOL,
  writeHello,
  writeWelcome,
  writeCall,
  writeCancel,
  writeTaken,
  writeGoodbye,
  writeAnswer,
  writeFailure,
  writeNotice,
  readClientFrame,
  readServerFrame,
  readSpan,
  CONNECT_PATH,
  SDK_SETTING
};
