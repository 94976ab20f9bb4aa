import {
  Session,
  SessionCalls,
  asManagerError,
  methods,
  openerOf,
  routesOf
} from "./chunk-GKFANONQ.js";
import {
  CONNECT_PATH,
  PROTOCOL,
  SDK_SETTING,
  VERSION,
  coercePayload,
  formatAddress,
  isTypecode,
  keyOf,
  mapKey,
  parseAddress,
  readClientFrame,
  readSpan,
  userSocket,
  writeAnswer,
  writeFailure,
  writeNotice,
  writeWelcome
} from "./chunk-VUPR3GZ3.js";
import {
  AlreadyExistsError,
  AnyMessage,
  Deframer,
  DictService,
  InvalidArgumentError,
  KindMismatchError,
  LimitExceededError,
  ListService,
  LockLostError,
  LockService,
  MalformedError,
  ManagerService,
  ManagerUnavailableError,
  NotFoundError,
  NotOwnerError,
  OpaqueInstance,
  OptionsConflictError,
  OutOfRangeError,
  PREFIX_BYTES,
  PayloadTooLargeError,
  QueueEmptyError,
  QueueFullError,
  QueueService,
  QueueShutDownError,
  Reader,
  Status,
  TAG,
  TimeoutError,
  ValueService,
  Writer,
  binaryClass,
  byteAt,
  bytesOf,
  decodeOpaque,
  encodeBytes,
  encodeInteger,
  encodeNumber,
  encodePayload,
  encodeText,
  errorParts,
  guarded,
  isBytes,
  isInt64,
  kindOf,
  payloadString,
  referenceOf,
  toWire,
  writePrefix
} from "./chunk-2GGWTFG2.js";

// dist/server/grpc/auth.js
import { createHash, timingSafeEqual } from "node:crypto";
function tokenGuard(token) {
  if (token === void 0)
    return () => void 0;
  const wanted = digest(`Bearer ${token}`);
  return (authorization) => {
    if (authorization !== void 0 && timingSafeEqual(digest(authorization), wanted))
      return void 0;
    return { code: Status.UNAUTHENTICATED, details: 'a valid token is needed: send the header "authorization: Bearer TOKEN"' };
  };
}
function digest(text) {
  return createHash("sha256").update(text).digest();
}

// dist/server/listener.js
import { createServer } from "node:net";

// dist/server/socket.js
import { existsSync, mkdirSync, unlinkSync, chmodSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
async function claimSocket(path, bind2) {
  mkdirSync(dirname(path), { recursive: true, mode: 448 });
  if (existsSync(path)) {
    if (await answers(path))
      throw new AlreadyExistsError(`another manager listens on unix:${path}: stop it, or listen elsewhere`);
    unlinkSync(path);
  }
  const umask = process.umask(127);
  try {
    await bind2();
  } finally {
    process.umask(umask);
  }
  chmodSync(path, 384);
}
function answers(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

// dist/server/listener.js
var SILENCE_MS = 2e4;
var PREFACE_BYTES = 24;
var FRAME_HEADER_BYTES = 9;
async function listen(address, receivers) {
  const server = createServer({ noDelay: true }, (socket) => receive(socket, receivers));
  if ("path" in address) {
    await claimSocket(address.path, () => bind(server, address));
    return { address: formatAddress(address), close: () => server.close() };
  }
  await bind(server, address);
  const { port } = server.address();
  return { address: formatAddress({ host: address.host, port }), close: () => server.close() };
}
function bind(server, address) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, resolve);
  });
}
function receive(socket, receivers) {
  const timer = setTimeout(() => socket.destroy(), SILENCE_MS);
  const drop = () => clearTimeout(timer);
  socket.on("error", drop);
  socket.once("close", drop);
  let head = Buffer.alloc(0);
  const look = () => {
    const chunk = socket.read();
    if (chunk !== null)
      head = Buffer.concat([head, chunk]);
    if (chunk === null || head.length < settingsEnd(head)) {
      socket.once("readable", look);
      return;
    }
    socket.unshift(head);
    clearTimeout(timer);
    socket.off("close", drop);
    if (marked(head))
      receivers.sdk(socket);
    else
      receivers.grpc(socket);
  };
  socket.once("readable", look);
}
function settingsEnd(head) {
  const begin = PREFACE_BYTES + FRAME_HEADER_BYTES;
  if (head.length < begin)
    return looksLikeHttp2(head) ? begin : 0;
  return Math.min(begin + head.readUIntBE(PREFACE_BYTES, 3), 4096);
}
function looksLikeHttp2(head) {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".startsWith(head.toString("latin1", 0, PREFACE_BYTES));
}
function marked(head) {
  const begin = PREFACE_BYTES + FRAME_HEADER_BYTES;
  const end = Math.min(settingsEnd(head), head.length);
  for (let at = begin; at + 6 <= end; at += 6)
    if (head.readUInt16BE(at) === SDK_SETTING)
      return true;
  return false;
}

// dist/proto/codec/canonical-value.js
import { createHash as createHash2 } from "node:crypto";
var MARK = {
  UNDEFINED: "\x80",
  HOLE: "\x81",
  BIGINT: "\x82",
  ARRAY: "\x83",
  OBJECT: "\x84",
  MAP: "\x85",
  SET: "\x86",
  DATE: "\x87",
  REGEXP: "\x88",
  ERROR: "\x89",
  BINARY: "\x8A",
  REFERENCE: "\x8B",
  INSTANCE: "\x8C",
  MESSAGE: "\x8D",
  AGAIN: "\x8E",
  DIGEST: "\x8F"
};
var NULL = String.fromCharCode(TAG.NULL, 0);
var FALSE = String.fromCharCode(TAG.BOOLEAN, 0);
var TRUE = String.fromCharCode(TAG.BOOLEAN, 1);
var TEXT = String.fromCharCode(TAG.TEXT);
var MAX_LENGTH = 1024;
var MAX_WALK = 1e3;
var Cyclic = class extends Error {
};
function writeCanonical({ value, graph }) {
  try {
    return new Canon(graph, false).write(value, 0);
  } catch (error) {
    if (!(error instanceof Cyclic))
      throw error;
    return new Canon(graph, true).write(value, 0);
  }
}
var Canon = class {
  #graph;
  #cyclic;
  /** Forms of objects that may occur again; undefined while one is being written. */
  #forms = /* @__PURE__ */ new Map();
  #numbers = /* @__PURE__ */ new Map();
  constructor(graph, cyclic) {
    this.#graph = graph;
    this.#cyclic = cyclic;
  }
  write(value, depth) {
    switch (typeof value) {
      case "string":
        return textForm(value);
      case "number":
        return numberForm(Number.isNaN(value) ? NaN : value + 0);
      case "boolean":
        return value ? TRUE : FALSE;
      case "bigint":
        return isInt64(value) ? latin1(encodeInteger(value)) : `${MARK.BIGINT}${value};`;
      case "undefined":
        return MARK.UNDEFINED;
      default:
        return value === null ? NULL : this.#object(value, depth);
    }
  }
  #object(value, depth) {
    if (!this.#graph)
      return short(this.#content(value, depth));
    if (this.#cyclic) {
      const number = this.#numbers.get(value);
      if (number !== void 0)
        return `${MARK.AGAIN}${number};`;
      this.#numbers.set(value, this.#numbers.size);
      return short(this.#content(value, depth));
    }
    const known = this.#forms.get(value);
    if (known !== void 0)
      return known;
    if (this.#forms.has(value))
      throw new Cyclic();
    this.#forms.set(value, void 0);
    const form = short(this.#content(value, depth));
    this.#forms.set(value, form);
    return form;
  }
  #content(value, depth) {
    if (depth > MAX_WALK)
      throw new InvalidArgumentError(`a value that leads deeper than ${MAX_WALK} levels through its shared parts cannot be compared`);
    if (value instanceof AnyMessage)
      return MARK.MESSAGE + textForm(value.typeUrl) + bytesForm(value.value);
    const kind4 = kindOf(value);
    switch (kind4) {
      case "object":
        return this.#properties(MARK.OBJECT, value, depth);
      case "array":
        return this.#array(value, depth);
      case "map":
        return this.#unordered(MARK.MAP, value, ([key, item]) => this.write(key, depth + 1) + this.write(item, depth + 1));
      case "set":
        return this.#unordered(MARK.SET, value, (member) => this.write(member, depth + 1));
      case "date":
        return MARK.DATE + numberForm(value.getTime());
      case "regexp":
        return MARK.REGEXP + textForm(value.source) + textForm(value.flags);
      case "error": {
        const { stack: _, ...parts } = errorParts(value);
        return this.#properties(MARK.ERROR, parts, depth);
      }
      case "buffer":
      case "view":
        return isBytes(value) ? bytesForm(value) : binaryForm(value);
      case "reference": {
        const { kind: kind5, name } = referenceOf(value);
        return MARK.REFERENCE + textForm(kind5) + textForm(name);
      }
      case "opaque": {
        const { type, data } = value;
        return MARK.INSTANCE + textForm(type) + this.write(data, depth + 1);
      }
      case "instance":
      case "foreign":
        throw new TypeError(`a decoded payload holds no ${kind4}`);
    }
  }
  #properties(mark, value, depth) {
    const keys = Object.keys(value).sort();
    let form = `${mark}${keys.length};`;
    for (const key of keys)
      form += textForm(key) + this.write(value[key], depth + 1);
    return form;
  }
  #array(value, depth) {
    let form = `${MARK.ARRAY}${value.length};`;
    for (let i = 0; i < value.length; i++)
      form += i in value ? this.write(value[i], depth + 1) : MARK.HOLE;
    return form;
  }
  #unordered(mark, items, form) {
    const forms = Array.from(items, form);
    if (!this.#cyclic)
      forms.sort();
    return `${mark}${items.size};${forms.join("")}`;
  }
};
function short(form) {
  if (form.length <= MAX_LENGTH)
    return form;
  return MARK.DIGEST + createHash2("sha256").update(form, "latin1").digest().toString("latin1");
}
var ASCII = /^[\x00-\x7f]*$/;
function latin1(bytes) {
  return bytes.toString("latin1");
}
function numberForm(number) {
  return latin1(encodeNumber(number));
}
function textForm(text) {
  if (text.length < 128 && ASCII.test(text))
    return TEXT + String.fromCharCode(text.length) + text;
  return latin1(encodeText(text) ?? encodeBytes(TAG.TEXT, Buffer.from(text)));
}
function bytesForm(bytes) {
  return latin1(encodeBytes(TAG.BINARY, bytes));
}
function binaryForm(value) {
  return MARK.BINARY + textForm(binaryClass(value)) + bytesForm(bytesOf(withoutOddNumbers(value)));
}
function withoutOddNumbers(value) {
  const name = binaryClass(value);
  if (name !== "Float32Array" && name !== "Float64Array" && name !== "Float16Array")
    return value;
  return value.map((element) => Number.isNaN(element) ? NaN : element + 0);
}

// dist/proto/codec/minimal.js
function isMinimalScalar(payload) {
  const { length } = payload;
  if (length < 2)
    return false;
  switch (byteAt(payload, 0)) {
    case TAG.NULL:
      return length === 2 && byteAt(payload, 1) === 0;
    case TAG.BOOLEAN:
      return length === 2 && byteAt(payload, 1) <= 1;
    case TAG.NUMBER:
      return length === 9 && isPlainDouble(payload);
    case TAG.INTEGER:
      return varintEnd(payload, 1) === length;
    case TAG.TEXT:
    case TAG.BINARY:
      return lengthMatches(payload);
    default:
      return false;
  }
}
function isPlainDouble(payload) {
  const last = byteAt(payload, 8);
  return last !== 128 && !((last & 127) === 127 && byteAt(payload, 7) >= 240);
}
function varintEnd(payload, from) {
  let at = from;
  while (at < payload.length && byteAt(payload, at) >= 128)
    at++;
  if (at === payload.length || at - from > 9)
    return -1;
  const last = byteAt(payload, at);
  if (at > from && last === 0)
    return -1;
  return at - from === 9 && last > 1 ? -1 : at + 1;
}
function lengthMatches(payload) {
  const end = varintEnd(payload, 1);
  if (end < 0 || end > 6)
    return false;
  let length = 0;
  for (let at = end - 1; at > 0; at--)
    length = length * 128 + (byteAt(payload, at) & 127);
  return end + length === payload.length;
}

// dist/proto/codec/canonical.js
function canonical(payload) {
  if (isMinimalScalar(payload))
    return payloadString(payload);
  return guarded(() => writeCanonical(decodeOpaque(payload)));
}

// dist/proto/codec/number.js
function numberOf(payload) {
  const { value } = decodeOpaque(payload);
  return typeof value === "number" || typeof value === "bigint" ? value : void 0;
}
function payloadOfNumber(value) {
  return encodePayload(value);
}

// dist/engine/memory/arithmetic.js
function sum(present, delta) {
  const added = numberOf(delta);
  if (added === void 0)
    throw new InvalidArgumentError("the delta is no number: give a number or a bigint");
  if (present === void 0)
    return delta;
  const base = numberOf(present);
  if (typeof base === "number" && typeof added === "number")
    return payloadOfNumber(base + added);
  if (typeof base === "bigint" && typeof added === "bigint")
    return payloadOfNumber(base + added);
  if (base === void 0)
    throw new InvalidArgumentError("add: what is there is no number");
  throw new InvalidArgumentError(`add: a ${typeof added} cannot be added to a ${typeof base}; use one kind for both`);
}

// dist/engine/memory/bytes.js
var LARGE = 4096;
function keep(payload) {
  if (typeof payload === "string")
    return payload;
  if (payload.length > LARGE) {
    const copy = Buffer.allocUnsafeSlow(payload.length);
    copy.set(payload);
    return copy;
  }
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  return bytes.toString("latin1");
}
function keepAll(payloads) {
  return payloads.map(keep);
}

// dist/engine/memory/keyspace.js
var LONGEST_NAME = 1024;
var SharedObject = class {
  name;
  createdAt = performance.now();
  constructor(name) {
    this.name = name;
  }
  /** Calls that wait on it. */
  get waiters() {
    return 0;
  }
  /** Its options, for people. */
  options() {
    return {};
  }
  /** Who holds its lock. */
  holders() {
    return [];
  }
  /** Ends all that goes on with it: it is gone. */
  destroyed() {
  }
};
var Keyspace = class {
  objects = /* @__PURE__ */ new Map();
  /** The object of that name and kind; made where there is none, unless the caller only looks. */
  open(kind4, name, context) {
    const found = this.objects.get(name);
    if (found !== void 0) {
      if (found.kind !== kind4.kind)
        throw mismatch(found, kind4.kind);
      return found;
    }
    if (context.readOnly)
      throw missing(name);
    return this.#add(kind4, name);
  }
  /**
   * The object of that name and kind, and whether it was made by this call. `exclusive` refuses one
   * that exists.
   */
  create(kind4, name, exclusive) {
    const found = this.objects.get(name);
    if (found === void 0)
      return { object: this.#add(kind4, name), created: true };
    if (found.kind !== kind4.kind)
      throw mismatch(found, kind4.kind);
    if (exclusive)
      throw new AlreadyExistsError(`there is a ${found.kind} "${name}" already; open it without create(), or destroy it first`, { object: name });
    return { object: found, created: false };
  }
  #add(kind4, name) {
    if (name === "" || name.length > LONGEST_NAME) {
      throw new InvalidArgumentError(`a name of ${name.length} characters: give one of 1 to ${LONGEST_NAME}`);
    }
    const object = kind4.make(name);
    this.objects.set(name, object);
    return object;
  }
  /** Ends an object of that name, and of that kind where one is given; says whether there was one. */
  destroy(name, kind4) {
    const object = this.objects.get(name);
    if (object === void 0)
      return false;
    if (kind4 !== "" && object.kind !== kind4)
      throw mismatch(object, kind4);
    this.objects.delete(name);
    object.destroyed();
    return true;
  }
};
function missing(name) {
  return new NotFoundError(`there is no object "${name}"`, { object: name });
}
function gone(name) {
  return new NotFoundError(`"${name}" was destroyed`, { object: name });
}
function mismatch(found, wanted) {
  return new KindMismatchError(`"${found.name}" is a ${found.kind}, not a ${wanted}; use another name, or destroy it first`, { object: found.name });
}

// dist/engine/memory/ordered-map.js
var OrderedMap = class {
  #byKey = /* @__PURE__ */ new Map();
  #order = [];
  #sequence = 0;
  get size() {
    return this.#byKey.size;
  }
  /** The sequence of the newest entry ever inserted. */
  get sequence() {
    return this.#sequence;
  }
  get(key) {
    return this.#byKey.get(mapKey(key));
  }
  set(key, value) {
    const mapped = mapKey(key);
    const known = this.#byKey.get(mapped);
    if (known !== void 0) {
      known.value = value;
      return;
    }
    const entry = { key: mapped, value, sequence: ++this.#sequence };
    this.#byKey.set(mapped, entry);
    this.#order.push(entry);
  }
  /** Removes an entry; answers the value it had. */
  delete(key) {
    const entry = this.#byKey.get(mapKey(key));
    if (entry === void 0)
      return void 0;
    this.#byKey.delete(entry.key);
    const { value } = entry;
    entry.value = "";
    this.#compact();
    return value;
  }
  /** Removes the newest entry. */
  pop() {
    for (let entry = this.#order.pop(); entry !== void 0; entry = this.#order.pop()) {
      if (!this.#alive(entry))
        continue;
      this.#byKey.delete(entry.key);
      return entry;
    }
    return void 0;
  }
  clear() {
    this.#byKey.clear();
    this.#order = [];
  }
  /** Up to `count` entries, and about `bytes` of values, with sequences above `after` and up to `until`. */
  page(after, until, count, bytes = Infinity) {
    const page = [];
    let room = bytes;
    for (let i = this.#indexAfter(after); i < this.#order.length && page.length < count && room > 0; i++) {
      const entry = this.#order[i];
      if (entry.sequence > until)
        break;
      if (!this.#alive(entry))
        continue;
      page.push(entry);
      room -= entry.value.length;
    }
    return page;
  }
  #alive(entry) {
    return this.#byKey.get(entry.key) === entry;
  }
  /** Index of the first entry whose sequence is above `after`. */
  #indexAfter(after) {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = low + high >>> 1;
      if (this.#order[middle].sequence > after)
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }
  /** Drops the deleted ones when they outnumber the living: a constant share of work for each delete. */
  #compact() {
    if (this.#order.length < 32 || this.#order.length <= this.#byKey.size * 2)
      return;
    this.#order = this.#order.filter((entry) => this.#alive(entry));
  }
};
function travelling(entry) {
  return { key: keyOf(entry.key), value: entry.value };
}

// dist/engine/memory/page.js
var DEFAULT_PAGE = 1e3;
var LARGEST_PAGE = 1e4;
var PAGE_BYTES = 1024 * 1024;
function pageSize(asked) {
  return asked === 0 ? DEFAULT_PAGE : Math.min(asked, LARGEST_PAGE);
}
function pageToken(a, b) {
  return `${a}.${b}`;
}
function parsePageToken(token) {
  if (token === "")
    return void 0;
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(token);
  if (match === null)
    throw new InvalidArgumentError(`"${token.slice(0, 40)}" is no page token: give what the last page answered`);
  return [Number(match[1]), Number(match[2])];
}

// dist/engine/memory/dict.js
var Dict = class extends SharedObject {
  kind = "dict";
  entries = new OrderedMap();
  get size() {
    return this.entries.size;
  }
};
var kind = { kind: "dict", make: (name) => new Dict(name) };
function dictHandlers(keyspace) {
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(kind, name, exclusive).created }),
    get: ({ name, key }, context) => ({ value: keyspace.open(kind, name, context).entries.get(key)?.value }),
    getMany({ name, keys }, context) {
      const { entries } = keyspace.open(kind, name, context);
      const found = keys.map((key) => entries.get(key)).filter((entry) => entry !== void 0);
      return { entries: found.map(travelling) };
    },
    set({ name, key, value }, context) {
      keyspace.open(kind, name, context).entries.set(key, keep(value));
      return NOTHING;
    },
    setMany({ name, entries }, context) {
      const dict = keyspace.open(kind, name, context);
      for (const { key, value } of entries)
        dict.entries.set(key, keep(value));
      return NOTHING;
    },
    has: ({ name, key }, context) => ({ found: keyspace.open(kind, name, context).entries.get(key) !== void 0 }),
    delete: ({ name, key }, context) => ({ deleted: keyspace.open(kind, name, context).entries.delete(key) !== void 0 }),
    deleteMany({ name, keys }, context) {
      const { entries } = keyspace.open(kind, name, context);
      let deleted = 0;
      for (const key of keys)
        if (entries.delete(key) !== void 0)
          deleted++;
      return { deleted };
    },
    size: ({ name }, context) => ({ size: keyspace.open(kind, name, context).size }),
    clear({ name }, context) {
      keyspace.open(kind, name, context).entries.clear();
      return NOTHING;
    },
    getOrInsert({ name, key, value }, context) {
      const { entries } = keyspace.open(kind, name, context);
      const found = entries.get(key);
      if (found)
        return { value: found.value, inserted: false };
      const kept = keep(value);
      entries.set(key, kept);
      return { value: kept, inserted: true };
    },
    pop: ({ name, key }, context) => ({ value: keyspace.open(kind, name, context).entries.delete(key) }),
    popItem({ name }, context) {
      const entry = keyspace.open(kind, name, context).entries.pop();
      return { entry: entry && travelling(entry) };
    },
    add({ name, key, delta }, context) {
      const { entries } = keyspace.open(kind, name, context);
      const value = keep(sum(entries.get(key)?.value, delta));
      entries.set(key, value);
      return { value };
    },
    compareAndSet({ name, key, expected, next }, context) {
      const { entries } = keyspace.open(kind, name, context);
      const present = entries.get(key)?.value;
      const equal = expected === void 0 || present === void 0 ? expected === present : canonical(present) === canonical(expected);
      if (!equal)
        return { swapped: false };
      if (next === void 0)
        entries.delete(key);
      else
        entries.set(key, keep(next));
      return { swapped: true };
    },
    scan({ name, pageToken: token, pageSize: asked, keysOnly }, context) {
      const { entries } = keyspace.open(kind, name, context);
      const [after, until] = parsePageToken(token) ?? [0, entries.sequence];
      const page = entries.page(after, until, pageSize(asked), PAGE_BYTES);
      const last = page.at(-1)?.sequence ?? until;
      return {
        entries: page.map(travelling).map((entry) => keysOnly ? { key: entry.key, value: "" } : entry),
        nextPageToken: last < until ? pageToken(last, until) : ""
      };
    },
    snapshot({ name }, context) {
      const { entries } = keyspace.open(kind, name, context);
      return { entries: entries.page(0, entries.sequence, entries.size).map(travelling) };
    }
  };
}
var NOTHING = {};

// dist/proto/codec/order.js
var ABSENT = { rank: 6, by: null };
function comparePayloads(a, b) {
  return compareKeys(sortKey(a), sortKey(b));
}
function sortKey(payload) {
  if (payload === void 0)
    return ABSENT;
  const { value } = decodeOpaque(payload);
  if (value === null)
    return { rank: 0, by: null };
  if (typeof value === "boolean")
    return { rank: 1, by: value };
  if (typeof value === "number" || typeof value === "bigint")
    return { rank: 2, by: value };
  if (typeof value === "string")
    return { rank: 3, by: value };
  if (isBytes(value))
    return { rank: 4, by: Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1") };
  return { rank: 5, by: canonical(payload) };
}
function compareKeys(a, b) {
  if (a.rank !== b.rank)
    return a.rank - b.rank;
  if (a.by === null || b.by === null)
    return 0;
  if (a.by < b.by)
    return -1;
  if (a.by > b.by)
    return 1;
  return Number(Number.isNaN(a.by)) - Number(Number.isNaN(b.by));
}
function fieldOf(payload, path) {
  let { value } = decodeOpaque(payload);
  for (const step of path.split("."))
    value = partOf(value, step);
  return value === void 0 ? void 0 : encodePayload(value);
}
function partOf(value, step) {
  if (typeof value !== "object" || value === null)
    return void 0;
  if (value instanceof OpaqueInstance)
    return partOf(value.data, step);
  if (value instanceof Map)
    return value.get(step);
  const isPlain = Array.isArray(value) ? /^\d+$/.test(step) : Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.hasOwn(value, step) ? value[step] : void 0;
}

// dist/engine/memory/deque.js
var Deque = class {
  #ring;
  #head = 0;
  #length = 0;
  constructor(items = []) {
    this.#ring = new Array(16);
    this.pushAll(items);
  }
  get length() {
    return this.#length;
  }
  /** The item at an index from 0 to before `length`. */
  at(index) {
    return this.#ring[this.#head + index & this.#ring.length - 1];
  }
  set(index, item) {
    this.#ring[this.#head + index & this.#ring.length - 1] = item;
  }
  push(item) {
    if (this.#length === this.#ring.length)
      this.#grow(this.#length + 1);
    this.set(this.#length++, item);
  }
  pushAll(items) {
    this.#grow(this.#length + items.length);
    for (const item of items)
      this.set(this.#length++, item);
  }
  pop() {
    if (this.#length === 0)
      return void 0;
    const index = this.#head + --this.#length & this.#ring.length - 1;
    return this.#takeOut(index);
  }
  /** Puts items, in their order, before the first. */
  unshiftAll(items) {
    this.#grow(this.#length + items.length);
    for (let i = items.length - 1; i >= 0; i--) {
      this.#head = this.#head - 1 & this.#ring.length - 1;
      this.#ring[this.#head] = items[i];
      this.#length++;
    }
  }
  shift() {
    if (this.#length === 0)
      return void 0;
    const index = this.#head;
    this.#head = index + 1 & this.#ring.length - 1;
    this.#length--;
    return this.#takeOut(index);
  }
  /** Removes up to `count` items from the front. */
  shiftMany(count) {
    const items = new Array(Math.min(count, this.#length));
    for (let i = 0; i < items.length; i++)
      items[i] = this.shift();
    return items;
  }
  /** As Array's splice, with `start` from 0 to `length`. Moves the items behind. */
  splice(start, deleteCount, items) {
    if (deleteCount === 0 && start === this.#length) {
      this.pushAll(items);
      return [];
    }
    const all = this.slice(0, this.#length);
    const removed = all.slice(start, start + deleteCount);
    this.replace(all.slice(0, start).concat(items, all.slice(start + deleteCount)));
    return removed;
  }
  slice(start, end) {
    const items = new Array(Math.max(0, end - start));
    for (let i = 0; i < items.length; i++)
      items[i] = this.at(start + i);
    return items;
  }
  /** Puts other items in place of all. */
  replace(items) {
    this.#ring = new Array(16);
    this.#head = this.#length = 0;
    this.pushAll(items);
  }
  #takeOut(index) {
    const item = this.#ring[index];
    this.#ring[index] = void 0;
    if (this.#ring.length > 1024 && this.#length < this.#ring.length >> 3)
      this.#resize(this.#ring.length >> 2);
    return item;
  }
  #grow(length) {
    let capacity = this.#ring.length;
    if (length <= capacity)
      return;
    while (capacity < length)
      capacity *= 2;
    this.#resize(capacity);
  }
  #resize(capacity) {
    const items = this.slice(0, this.#length);
    items.length = capacity;
    this.#ring = items;
    this.#head = 0;
  }
};

// dist/engine/memory/snapshots.js
var MOST = 1e3;
var Snapshots = class {
  #open = /* @__PURE__ */ new Map();
  #count = 0;
  /** The first page of `items`, which nobody changes any more. */
  first(items, asked, owner) {
    const page = cut(items, 0, asked);
    if (page.length === items.length)
      return { values: page, nextPageToken: "" };
    if (this.#open.size >= MOST)
      this.#drop(this.#open.keys().next().value);
    const id = ++this.#count;
    const snapshot = { items, owner, abandon: () => this.#open.delete(id) };
    this.#open.set(id, snapshot);
    owner.holds.add(snapshot);
    return { values: page, nextPageToken: pageToken(id, page.length) };
  }
  /** The page that a token of this list stands for. */
  next(token, asked) {
    const [id, from] = parsePageToken(token);
    const snapshot = this.#open.get(id);
    if (snapshot === void 0)
      throw new InvalidArgumentError("this iteration is over, or rested too long: begin again with an empty page token");
    const values = cut(snapshot.items, from, asked);
    const end = from + values.length;
    this.#drop(id);
    if (end >= snapshot.items.length)
      return { values, nextPageToken: "" };
    this.#open.set(id, snapshot);
    snapshot.owner.holds.add(snapshot);
    return { values, nextPageToken: pageToken(id, end) };
  }
  #drop(id) {
    const snapshot = this.#open.get(id);
    this.#open.delete(id);
    snapshot.owner.holds.delete(snapshot);
  }
};
function cut(items, from, asked) {
  const most = Math.min(items.length, from + pageSize(asked));
  let end = from;
  for (let bytes = 0; end < most && bytes < PAGE_BYTES; end++)
    bytes += items[end].length;
  return items.slice(from, end);
}

// dist/engine/memory/list.js
var List = class extends SharedObject {
  kind = "list";
  items = new Deque();
  snapshots = new Snapshots();
  get size() {
    return this.items.length;
  }
  /** The place an index names, negative ones from the end; undefined where there is none. */
  place(index) {
    const place = index < 0 ? index + this.items.length : index;
    return place >= 0 && place < this.items.length ? place : void 0;
  }
  /** The nearest place between two items, or at an end, to an index. */
  gap(index) {
    return Math.min(Math.max(index < 0 ? index + this.items.length : index, 0), this.items.length);
  }
  /** Index of the first equal item; -1 where there is none. */
  indexOf(value) {
    const wanted = canonical(value);
    for (let i = 0; i < this.items.length; i++)
      if (canonical(this.items.at(i)) === wanted)
        return i;
    return -1;
  }
};
var kind2 = { kind: "list", make: (name) => new List(name) };
function listHandlers(keyspace) {
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(kind2, name, exclusive).created }),
    at({ name, index }, context) {
      const list = keyspace.open(kind2, name, context);
      const place = list.place(index);
      return { value: place === void 0 ? void 0 : list.items.at(place) };
    },
    set({ name, index, value }, context) {
      const list = keyspace.open(kind2, name, context);
      const place = list.place(index);
      if (place === void 0) {
        throw new OutOfRangeError(`index ${index} of a list of ${list.size}: set() replaces what is there, push() and insert() add`, { object: name });
      }
      list.items.set(place, keep(value));
      return {};
    },
    length: ({ name }, context) => ({ length: keyspace.open(kind2, name, context).size }),
    push({ name, values }, context) {
      const { items } = keyspace.open(kind2, name, context);
      items.pushAll(keepAll(values));
      return { length: items.length };
    },
    pop({ name, index }, context) {
      const list = keyspace.open(kind2, name, context);
      if (index === void 0)
        return { value: list.items.pop() };
      const place = list.place(index);
      return { value: place === void 0 ? void 0 : list.items.splice(place, 1, [])[0] };
    },
    unshift({ name, values }, context) {
      const { items } = keyspace.open(kind2, name, context);
      items.unshiftAll(keepAll(values));
      return { length: items.length };
    },
    shift: ({ name }, context) => ({ value: keyspace.open(kind2, name, context).items.shift() }),
    insert({ name, index, value }, context) {
      const list = keyspace.open(kind2, name, context);
      list.items.splice(list.gap(index), 0, [keep(value)]);
      return {};
    },
    splice({ name, start, deleteCount, values }, context) {
      const list = keyspace.open(kind2, name, context);
      return { removed: list.items.splice(list.gap(start), deleteCount ?? list.size, keepAll(values)) };
    },
    slice({ name, start, end }, context) {
      const list = keyspace.open(kind2, name, context);
      return { values: list.items.slice(list.gap(start ?? 0), list.gap(end ?? list.size)) };
    },
    indexOf: ({ name, value }, context) => ({ index: keyspace.open(kind2, name, context).indexOf(value) }),
    count({ name, value }, context) {
      const { items } = keyspace.open(kind2, name, context);
      const wanted = canonical(value);
      return { count: items.slice(0, items.length).filter((item) => canonical(item) === wanted).length };
    },
    remove({ name, value }, context) {
      const list = keyspace.open(kind2, name, context);
      const index = list.indexOf(value);
      if (index >= 0)
        list.items.splice(index, 1, []);
      return { removed: index >= 0 };
    },
    reverse({ name }, context) {
      const { items } = keyspace.open(kind2, name, context);
      items.replace(items.slice(0, items.length).reverse());
      return {};
    },
    sort({ name, descending, by }, context) {
      const { items } = keyspace.open(kind2, name, context);
      items.replace(sorted(items.slice(0, items.length), descending, by));
      return {};
    },
    clear({ name }, context) {
      keyspace.open(kind2, name, context).items.replace([]);
      return {};
    },
    scan({ name, pageToken: pageToken2, pageSize: pageSize2 }, context) {
      const { snapshots, items } = keyspace.open(kind2, name, context);
      if (pageToken2 !== "")
        return snapshots.next(pageToken2, pageSize2);
      return snapshots.first(items.slice(0, items.length), pageSize2, context.session);
    }
  };
}
function sorted(items, descending, by) {
  const keyed = items.map((item) => ({ item, key: by === "" ? item : fieldOf(item, by) }));
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === void 0 || b.key === void 0)
      return Number(a.key === void 0) - Number(b.key === void 0);
    return direction * comparePayloads(a.key, b.key);
  });
  return keyed.map(({ item }) => item);
}

// dist/engine/memory/waiters.js
var LONGEST = 2 ** 31 - 1;
var Waiter = class {
  list;
  context;
  want;
  resolve;
  reject;
  /** @internal */
  previous;
  /** @internal */
  next;
  #timer;
  constructor(list, context, want, resolve, reject, timeoutMs, timedOut) {
    this.list = list;
    this.context = context;
    this.want = want;
    this.resolve = resolve;
    this.reject = reject;
    if (timeoutMs !== void 0 && timeoutMs <= LONGEST) {
      this.#timer = setTimeout(() => this.fail(timedOut(want)), timeoutMs);
    }
    context.cancel = (reason) => this.fail(reason);
  }
  /** Ends the wait with an answer. */
  succeed(response) {
    this.#leave();
    this.resolve(response);
  }
  /** Ends the wait with an error. */
  fail(error) {
    this.#leave();
    this.reject(error);
  }
  #leave() {
    clearTimeout(this.#timer);
    this.context.cancel = void 0;
    this.list.remove(this);
  }
};
var WaitList = class {
  #first;
  #last;
  #size = 0;
  get size() {
    return this.#size;
  }
  /** The one to be served next. */
  get first() {
    return this.#first;
  }
  /** Waits at the end of the list. With a timeout of 0 it fails at once. */
  wait(context, want, timeoutMs, timedOut = ranOut) {
    if (timeoutMs === 0)
      throw timedOut(want);
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(this, context, want, resolve, reject, timeoutMs, timedOut);
      waiter.previous = this.#last;
      if (this.#last)
        this.#last.next = waiter;
      else
        this.#first = waiter;
      this.#last = waiter;
      this.#size++;
    });
  }
  /** Ends all waits with an error. */
  failAll(error) {
    while (this.#first)
      this.#first.fail(error());
  }
  /** @internal Called by the waiter itself. */
  remove(waiter) {
    if (waiter.previous)
      waiter.previous.next = waiter.next;
    else
      this.#first = waiter.next;
    if (waiter.next)
      waiter.next.previous = waiter.previous;
    else
      this.#last = waiter.previous;
    waiter.previous = waiter.next = void 0;
    this.#size--;
  }
};
function ranOut() {
  return new TimeoutError("the wait ended by its timeout");
}

// dist/engine/memory/mutex.js
var UNARY_LEASE_MS = 3e4;
var REMEMBERED = 64;
var Mutex = class {
  name;
  tokens;
  #tenure;
  #abandoned = false;
  #lost = /* @__PURE__ */ new Set();
  #waiting = new WaitList();
  constructor(name, tokens) {
    this.name = name;
    this.tokens = tokens;
  }
  get waiters() {
    return this.#waiting.size;
  }
  get held() {
    return this.#tenure !== void 0;
  }
  holder() {
    return this.#tenure?.describe();
  }
  acquire(context, timeoutMs, leaseMs) {
    if (leaseMs === 0)
      throw new InvalidArgumentError("a lease of 0 ms is over before it begins: give at least 1", { object: this.name });
    if (this.#tenure === void 0)
      return this.#grant(context, leaseMs);
    return this.#waiting.wait(context, { leaseMs }, timeoutMs);
  }
  /** Runs something while nobody holds the mutex. */
  whenFree(context, timeoutMs, run) {
    if (this.#tenure === void 0)
      return run();
    return this.#waiting.wait(context, { run }, timeoutMs);
  }
  release(token) {
    this.#end(this.#tenureOf(token));
  }
  extend(token, leaseMs) {
    if (leaseMs === 0)
      throw new InvalidArgumentError("a lease of 0 ms is over before it begins: give at least 1", { object: this.name });
    this.#tenureOf(token).startLease(leaseMs);
  }
  /** The mutex is gone: all who wait fail with this error, and the holder holds nothing. */
  destroy(error) {
    this.#waiting.failAll(error);
    const tenure = this.#tenure;
    if (tenure === void 0)
      return;
    this.#end(tenure);
    tenure.caller.lost(tenure.token);
  }
  /** Fails unless the token holds the mutex. */
  check(token) {
    this.#tenureOf(token);
  }
  #tenureOf(token) {
    if (this.#tenure?.token === token)
      return this.#tenure;
    if (this.#lost.has(token)) {
      throw new LockLostError(`token ${token} no longer holds "${this.name}": its lease ended`, { object: this.name });
    }
    throw new NotOwnerError(`token ${token} does not hold "${this.name}"`, { object: this.name });
  }
  #grant(context, leaseMs) {
    const tenure = new Tenure(context.session, this.tokens.next(), {
      died: () => this.#end(tenure, { abandoned: true }),
      expired: () => {
        this.#remember(tenure.token);
        this.#end(tenure, { abandoned: true });
        tenure.caller.lost(tenure.token);
      }
    });
    const lease = leaseMs ?? (context.session.id === "" ? UNARY_LEASE_MS : void 0);
    if (lease !== void 0)
      tenure.startLease(lease);
    const abandoned = this.#abandoned;
    this.#abandoned = false;
    this.#tenure = tenure;
    context.handOver(() => {
      if (this.#tenure === tenure)
        this.#end(tenure, { abandoned });
    });
    return { token: tenure.token, abandoned };
  }
  #end(tenure, { abandoned } = { abandoned: false }) {
    tenure.end();
    this.#tenure = void 0;
    this.#abandoned = abandoned;
    this.#serve();
  }
  #serve() {
    for (let waiter = this.#waiting.first; waiter !== void 0 && this.#tenure === void 0; waiter = this.#waiting.first) {
      const { want, context } = waiter;
      try {
        waiter.succeed("run" in want ? want.run() : this.#grant(context, want.leaseMs));
      } catch (error) {
        waiter.fail(error);
      }
    }
  }
  #remember(token) {
    this.#lost.add(token);
    if (this.#lost.size > REMEMBERED)
      this.#lost.delete(this.#lost.values().next().value);
  }
};
var Tenure = class {
  caller;
  token;
  ends;
  #since = performance.now();
  #timer;
  #leaseEnd;
  constructor(caller, token, ends) {
    this.caller = caller;
    this.token = token;
    this.ends = ends;
    caller.holds.add(this);
  }
  abandon() {
    this.ends.died();
  }
  startLease(ms) {
    clearTimeout(this.#timer);
    this.#leaseEnd = performance.now() + ms;
    this.#timer = setTimeout(this.ends.expired, Math.min(ms, 2 ** 31 - 1));
  }
  end() {
    clearTimeout(this.#timer);
    this.caller.holds.delete(this);
  }
  describe() {
    const { id, host, pid, label } = this.caller;
    const now = performance.now();
    const leaseRemainingMs = this.#leaseEnd === void 0 ? void 0 : Math.max(0, Math.round(this.#leaseEnd - now));
    return { token: this.token, sessionId: id, host, pid, label, heldMs: Math.round(now - this.#since), leaseRemainingMs };
  }
};

// dist/engine/memory/lock.js
var Lock = class extends SharedObject {
  kind = "lock";
  size = 1;
  mutex;
  constructor(name, tokens) {
    super(name);
    this.mutex = new Mutex(name, tokens);
  }
  get waiters() {
    return this.mutex.waiters;
  }
  holders() {
    const holder = this.mutex.holder();
    return holder ? [holder] : [];
  }
  destroyed() {
    this.mutex.destroy(() => gone(this.name));
  }
};
function lockHandlers(keyspace, tokens) {
  const kind4 = { kind: "lock", make: (name) => new Lock(name, tokens) };
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(kind4, name, exclusive).created }),
    acquire: ({ name, timeoutMs, leaseMs }, context) => keyspace.open(kind4, name, context).mutex.acquire(context, timeoutMs, leaseMs),
    release({ name, token }, context) {
      keyspace.open(kind4, name, context).mutex.release(token);
      return {};
    },
    extend({ name, token, leaseMs }, context) {
      keyspace.open(kind4, name, context).mutex.extend(token, leaseMs);
      return {};
    },
    holder({ name }, context) {
      const { mutex } = keyspace.open(kind4, name, context);
      return { holder: mutex.holder(), waiters: mutex.waiters };
    }
  };
}

// dist/engine/memory/manager.js
function managerHandlers(keyspace, engine, host) {
  return {
    info: () => ({
      version: host.version,
      protocol: host.protocol,
      engine,
      pid: process.pid,
      uptimeMs: process.uptime() * 1e3,
      maxMessageBytes: host.maxMessageBytes
    }),
    listObjects({ kind: kind4, match, pageToken: pageToken2, pageSize: asked }) {
      const wanted = pattern(match);
      const names = [...keyspace.objects.values()].filter((object) => (kind4 === "" || object.kind === kind4) && wanted.test(object.name) && object.name > pageToken2).map((object) => object.name).sort((a, b) => a < b ? -1 : 1);
      const page = names.slice(0, pageSize(asked));
      return {
        objects: page.map((name) => describe(keyspace.objects.get(name))),
        nextPageToken: page.length < names.length ? page.at(-1) : ""
      };
    },
    describe({ name }) {
      const object = keyspace.objects.get(name);
      if (object === void 0)
        throw missing(name);
      return { object: describe(object) };
    },
    destroy: ({ name, kind: kind4 }) => ({ destroyed: keyspace.destroy(name, kind4) }),
    stats() {
      const { rss, heapUsed } = process.memoryUsage();
      const objects = [...keyspace.objects.values()];
      return {
        version: host.version,
        uptimeMs: process.uptime() * 1e3,
        engine,
        objects: objects.length,
        waiters: objects.reduce((sum2, object) => sum2 + object.waiters, 0),
        heldLocks: objects.reduce((sum2, object) => sum2 + object.holders().length, 0),
        ...host.traffic(),
        residentBytes: rss,
        heapBytes: heapUsed
      };
    }
  };
}
function describe(object) {
  return {
    kind: object.kind,
    name: object.name,
    size: object.size,
    ageMs: Math.round(performance.now() - object.createdAt),
    holders: object.holders(),
    waiters: object.waiters,
    options: object.options()
  };
}
function pattern(match) {
  if (match === "")
    return /^/;
  const escaped = match.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "su");
}

// dist/engine/memory/queue.js
var Queue = class extends SharedObject {
  capacity;
  kind = "queue";
  #items = new Deque();
  /** Calls that want up to so many items. While some wait, there are no items. */
  #getters = new WaitList();
  /** Calls that bring items. While some wait, there is no room. */
  #putters = new WaitList();
  #joiners = new WaitList();
  /** Items ever put and not yet worked off. */
  #unfinished = 0;
  #shutDown = false;
  constructor(name, capacity) {
    super(name);
    this.capacity = capacity;
  }
  get size() {
    return this.#items.length;
  }
  get waiters() {
    return this.#getters.size + this.#putters.size + this.#joiners.size;
  }
  options() {
    return { capacity: String(this.capacity), unfinished: String(this.#unfinished), shutDown: String(this.#shutDown) };
  }
  put(values, context, timeoutMs) {
    if (this.#shutDown)
      throw this.#closed();
    const pending = { values, accepted: 0 };
    if (this.#putters.size === 0)
      this.#bringIn(pending);
    if (pending.accepted === values.length)
      return;
    return this.#putters.wait(context, pending, timeoutMs, (late) => this.#full(late));
  }
  get(most, context, timeoutMs) {
    if (this.#items.length > 0) {
      const taken = this.#handOver(most, context);
      this.#admit();
      return taken;
    }
    if (this.#shutDown)
      throw this.#closed();
    return this.#getters.wait(context, most, timeoutMs, () => new QueueEmptyError(`"${this.name}" is empty`, { object: this.name }));
  }
  peek(count) {
    return this.#items.slice(0, Math.min(count, this.#items.length));
  }
  clear() {
    const cleared = this.#items.length;
    this.#items.replace([]);
    this.#finish(cleared);
    this.#admit();
    return cleared;
  }
  taskDone(count) {
    if (count > this.#unfinished) {
      throw new InvalidArgumentError(`taskDone(${count}) when ${this.#unfinished} items are unfinished: call it once for each item taken`, { object: this.name });
    }
    this.#finish(count);
  }
  join(context, timeoutMs) {
    if (this.#unfinished === 0)
      return;
    return this.#joiners.wait(context, void 0, timeoutMs, () => new TimeoutError(`${this.#unfinished} items of "${this.name}" are unfinished`, { object: this.name }));
  }
  shutDown(immediate) {
    this.#shutDown = true;
    this.#putters.failAll(() => this.#closed());
    if (immediate)
      this.clear();
    if (this.#items.length === 0)
      this.#getters.failAll(() => this.#closed());
  }
  destroyed() {
    for (const list of [this.#getters, this.#putters, this.#joiners])
      list.failAll(() => gone(this.name));
  }
  get #room() {
    return this.capacity === 0 ? Infinity : this.capacity - this.#items.length;
  }
  /** Takes in what there is room for, and gives it to those who wait, which may make room for more. */
  #bringIn(pending) {
    const { values } = pending;
    while (pending.accepted < values.length && this.#room > 0) {
      const end = Math.min(values.length, pending.accepted + this.#room);
      for (let i = pending.accepted; i < end; i++)
        this.#items.push(keep(values[i]));
      this.#unfinished += end - pending.accepted;
      pending.accepted = end;
      this.#serve();
    }
  }
  /** Gives items to those who wait for them. */
  #serve() {
    for (let getter = this.#getters.first; getter !== void 0 && this.#items.length > 0; getter = this.#getters.first) {
      getter.succeed(this.#handOver(getter.want, getter.context));
    }
  }
  /** Lets in what waits for room. */
  #admit() {
    for (let putter = this.#putters.first; putter !== void 0 && this.#room > 0; putter = this.#putters.first) {
      this.#bringIn(putter.want);
      if (putter.want.accepted === putter.want.values.length)
        putter.succeed();
    }
  }
  #handOver(most, context) {
    const items = this.#items.shiftMany(most);
    context.handOver((taken) => this.#takeBack(items.slice(taken)));
    return items;
  }
  /** Puts items that were handed out back to the head. */
  #takeBack(items) {
    this.#items.unshiftAll(items);
    this.#serve();
  }
  #finish(count) {
    this.#unfinished -= count;
    while (this.#unfinished === 0 && this.#joiners.first)
      this.#joiners.first.succeed();
  }
  #closed() {
    return new QueueShutDownError(`"${this.name}" was shut down`, { object: this.name });
  }
  #full({ accepted }) {
    return new QueueFullError(`"${this.name}" is full: it holds ${this.capacity}`, { object: this.name, accepted });
  }
};
function queueHandlers(keyspace) {
  const kind4 = { kind: "queue", make: (name) => new Queue(name, 0) };
  return {
    open({ name, exclusive, capacity }) {
      const { object, created } = keyspace.create({ kind: "queue", make: () => new Queue(name, capacity ?? 0) }, name, exclusive);
      if (capacity !== void 0 && object.capacity !== capacity) {
        throw new OptionsConflictError(`"${name}" has the capacity ${object.capacity}, not ${capacity}`, { object: name });
      }
      return { created };
    },
    put: ({ name, value, timeoutMs }, context) => answer(keyspace.open(kind4, name, context).put([value], context, timeoutMs), nothing),
    putMany: ({ name, values, timeoutMs }, context) => answer(keyspace.open(kind4, name, context).put(values, context, timeoutMs), nothing),
    get: ({ name, timeoutMs }, context) => answer(keyspace.open(kind4, name, context).get(1, context, timeoutMs), ([value]) => ({ value })),
    getMany({ name, max, timeoutMs }, context) {
      if (max === 0)
        throw new InvalidArgumentError("getMany of 0 items: ask for at least 1", { object: name });
      return answer(keyspace.open(kind4, name, context).get(max, context, timeoutMs), (values) => ({ values }));
    },
    peek: ({ name, count }, context) => ({ values: keyspace.open(kind4, name, context).peek(count || 1) }),
    size: ({ name }, context) => ({ size: keyspace.open(kind4, name, context).size }),
    clear: ({ name }, context) => ({ cleared: keyspace.open(kind4, name, context).clear() }),
    taskDone({ name, count }, context) {
      keyspace.open(kind4, name, context).taskDone(count || 1);
      return {};
    },
    join: ({ name, timeoutMs }, context) => answer(keyspace.open(kind4, name, context).join(context, timeoutMs), nothing),
    shutdown({ name, immediate }, context) {
      keyspace.open(kind4, name, context).shutDown(immediate);
      return {};
    }
  };
}
function answer(result, make) {
  return result instanceof Promise ? result.then(make) : make(result);
}
var nothing = () => ({});

// dist/engine/memory/tokens.js
var Tokens = class {
  #last = Date.now() * 1e3;
  next() {
    return ++this.#last;
  }
};

// dist/engine/memory/value.js
var Value = class extends SharedObject {
  type;
  kind = "value";
  size = 1;
  mutex;
  #value;
  constructor(name, tokens, initial, type) {
    super(name);
    this.type = type;
    this.mutex = new Mutex(name, tokens);
    this.#value = this.#checked(initial);
  }
  get value() {
    return this.#value;
  }
  set value(payload) {
    this.#value = this.#checked(payload);
  }
  #checked(payload) {
    return keep(this.type === void 0 ? payload : coercePayload(this.type, payload));
  }
  get waiters() {
    return this.mutex.waiters;
  }
  options() {
    return this.type === void 0 ? {} : { type: this.type };
  }
  holders() {
    const holder = this.mutex.holder();
    return holder ? [holder] : [];
  }
  destroyed() {
    this.mutex.destroy(() => gone(this.name));
  }
};
var kind3 = {
  kind: "value",
  make(name) {
    throw new NotFoundError(`there is no value "${name}": open it with an initial value first`, { object: name });
  }
};
function valueHandlers(keyspace, tokens) {
  return {
    open({ name, exclusive, initial, type: asked }) {
      const type = typecode(asked);
      const make = () => {
        if (initial === void 0)
          return kind3.make(name);
        return new Value(name, tokens, initial, type);
      };
      const { object, created } = keyspace.create({ kind: "value", make }, name, exclusive);
      if (asked !== void 0 && object.type !== type) {
        throw new OptionsConflictError(`"${name}" has the type ${object.type ?? "any"}, not ${type ?? "any"}`, { object: name });
      }
      return { created };
    },
    get: ({ name }, context) => ({ value: keyspace.open(kind3, name, context).value }),
    set({ name, value, timeoutMs }, context) {
      const object = keyspace.open(kind3, name, context);
      return object.mutex.whenFree(context, timeoutMs, () => {
        object.value = value;
        return {};
      });
    },
    add({ name, delta, timeoutMs }, context) {
      const object = keyspace.open(kind3, name, context);
      return object.mutex.whenFree(context, timeoutMs, () => {
        object.value = sum(object.value, delta);
        return { value: object.value };
      });
    },
    compareAndSet({ name, expected, next, timeoutMs }, context) {
      const object = keyspace.open(kind3, name, context);
      return object.mutex.whenFree(context, timeoutMs, () => {
        if (canonical(object.value) !== canonical(expected))
          return { swapped: false };
        object.value = next;
        return { swapped: true };
      });
    },
    lock({ name, timeoutMs, leaseMs }, context) {
      const object = keyspace.open(kind3, name, context);
      const grant = object.mutex.acquire(context, timeoutMs, leaseMs);
      if (grant instanceof Promise)
        return grant.then((granted) => ({ ...granted, value: object.value }));
      return { token: grant.token, abandoned: grant.abandoned, value: object.value };
    },
    unlock({ name, token, value }, context) {
      const object = keyspace.open(kind3, name, context);
      object.mutex.check(token);
      if (value !== void 0)
        object.value = value;
      object.mutex.release(token);
      return {};
    },
    extend({ name, token, leaseMs }, context) {
      keyspace.open(kind3, name, context).mutex.extend(token, leaseMs);
      return {};
    }
  };
}
function typecode(asked) {
  if (asked === void 0 || asked === "")
    return void 0;
  if (!isTypecode(asked))
    throw new InvalidArgumentError(`"${asked}" is no typecode: use i8, u8, i16, u16, i32, u32, i64, u64, f32, f64 or bool`);
  return asked;
}

// dist/engine/memory/index.js
function createMemoryEngine(host) {
  const name = "memory";
  const keyspace = new Keyspace();
  const tokens = new Tokens();
  const handlers = /* @__PURE__ */ new Map();
  const serve2 = (service, implementation) => {
    for (const [key, method] of Object.entries(service.methods)) {
      handlers.set(method, implementation[key]);
    }
  };
  serve2(ManagerService, managerHandlers(keyspace, name, host));
  serve2(DictService, dictHandlers(keyspace));
  serve2(ListService, listHandlers(keyspace));
  serve2(QueueService, queueHandlers(keyspace));
  serve2(ValueService, valueHandlers(keyspace, tokens));
  serve2(LockService, lockHandlers(keyspace, tokens));
  return {
    name,
    handler: (method) => handlers.get(method),
    close: () => {
      for (const object of keyspace.objects.values())
        object.destroyed();
    }
  };
}

// dist/server/manager.js
var FRAMING_BYTES = 1024 * 1024;
var Manager = class {
  engine;
  routes;
  sessions = /* @__PURE__ */ new Set();
  maxMessageBytes;
  maxCalls;
  /** Unary calls under way. */
  unaryCalls = /* @__PURE__ */ new Set();
  callsTotal = 0;
  /** Set while the manager goes away: what new calls are told. */
  draining;
  constructor(options) {
    this.maxMessageBytes = options.maxPayload;
    this.maxCalls = options.maxCalls;
    this.engine = createMemoryEngine({
      version: VERSION,
      protocol: PROTOCOL,
      maxMessageBytes: this.maxMessageBytes,
      traffic: () => ({ sessions: this.sessions.size, callsInFlight: this.#waiting, callsTotal: this.callsTotal })
    });
    this.routes = routesOf(this.engine, methods);
  }
  get #waiting() {
    let waiting = 0;
    for (const session of this.sessions)
      waiting += session.waiting;
    return waiting;
  }
  /** Largest frame or unary message taken: the largest payload, and room for what goes with it. */
  get maxFrameBytes() {
    return this.maxMessageBytes + FRAMING_BYTES;
  }
  /** Takes no new calls, and fails those that wait. */
  drain() {
    this.draining = new ManagerUnavailableError("the manager is going away");
    for (const session of this.sessions)
      session.drain(this.draining);
    for (const call of this.unaryCalls)
      call.cancel?.(this.draining);
  }
};

// dist/server/options.js
import { readFileSync, statSync } from "node:fs";

// dist/server/address.js
import { isIP } from "node:net";
function parseListen(text) {
  const address = parseAddress(text);
  if ("path" in address || isLoopback(address.host))
    return address;
  throw new InvalidArgumentError(`${address.host} is reachable from other hosts, which needs TLS, and this version has none: listen on 127.0.0.1, [::1], localhost or a unix socket`);
}
function isLoopback(host) {
  return host === "localhost" || host === "::1" || isIP(host) === 4 && host.startsWith("127.");
}

// dist/server/options.js
var MIB = 1024 * 1024;
function resolveOptions(options) {
  const listen2 = [options.listen ?? ["127.0.0.1:7420", userSocket()]].flat().map(parseListen);
  return {
    listen: listen2,
    token: options.token ?? (options.tokenFile === void 0 ? void 0 : readToken(options.tokenFile)),
    maxPayload: positive("maxPayload", options.maxPayload ?? 64 * MIB, 1024 * MIB),
    maxCalls: positive("maxCalls", options.maxCalls ?? 1e5, 2 ** 32 - 1)
  };
}
function positive(name, value, most) {
  if (Number.isInteger(value) && value > 0 && value <= most)
    return value;
  throw new InvalidArgumentError(`${name} is ${value}: give a whole number from 1 to ${most}`);
}
function readToken(file) {
  let mode;
  let token;
  try {
    mode = statSync(file).mode;
    token = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new InvalidArgumentError(`cannot read the token file ${file}: ${cause.message}`, { cause });
  }
  if ((mode & 63) !== 0)
    throw new InvalidArgumentError(`the token file ${file} is open to others: chmod 600 it`);
  if (token === "")
    throw new InvalidArgumentError(`the token file ${file} is empty`);
  return token;
}

// dist/server/session/http2.js
import { createServer as createServer2 } from "node:http2";
var WINDOW = 8 * 1024 * 1024;
var RESPONSE = { ":status": 200, "content-type": "application/grpc" };
function createSessionServer(accept, guard, maxMessageBytes) {
  const server = createServer2({
    settings: { initialWindowSize: WINDOW, maxFrameSize: 1024 * 1024 },
    // Node's default of 10 MB would end a session with its first large payload.
    maxSessionMemory: Number.MAX_SAFE_INTEGER
  });
  server.on("session", (session) => session.setLocalWindowSize(2 * WINDOW));
  server.on("stream", (stream, headers) => {
    const refusal = refuse(headers, guard);
    if (refusal)
      endWithStatus(stream, refusal.code, refusal.details);
    else
      serve(stream, accept, maxMessageBytes);
  });
  server.on("sessionError", () => {
  });
  return server;
}
function refuse(headers, guard) {
  if (headers[":path"] !== CONNECT_PATH)
    return { code: Status.UNIMPLEMENTED, details: `only ${CONNECT_PATH} is served to connections of the SDK` };
  return guard(headers.authorization);
}
function serve(stream, accept, maxMessageBytes) {
  const frames = new Http2FrameStream(stream);
  const events = accept(frames);
  const deframer = new Deframer((frame) => events.frame(frame), maxMessageBytes);
  stream.respond(RESPONSE, { waitForTrailers: true });
  stream.on("wantTrailers", () => frames.sendTrailers());
  stream.on("data", (chunk) => {
    try {
      deframer.push(chunk);
    } catch (error) {
      events.ended();
      frames.fail(Status.INVALID_ARGUMENT, error.message);
    }
  });
  stream.on("drain", () => events.writable());
  stream.on("error", () => events.ended());
  stream.on("end", () => {
    events.ended();
    frames.end();
  });
  stream.on("close", () => events.ended());
}
var Http2FrameStream = class {
  stream;
  #trailers = { "grpc-status": "0" };
  constructor(stream) {
    this.stream = stream;
  }
  write(frame) {
    if (this.stream.destroyed || this.stream.writableEnded)
      return true;
    writePrefix(frame);
    return this.stream.write(frame);
  }
  pause() {
    this.stream.pause();
  }
  resume() {
    this.stream.resume();
  }
  end() {
    this.stream.end();
  }
  fail(code, details) {
    this.#trailers = statusTrailers(code, details);
    this.stream.end();
    this.stream.resume();
  }
  sendTrailers() {
    this.stream.sendTrailers(this.#trailers);
  }
};
function endWithStatus(stream, code, details) {
  stream.on("error", () => {
  });
  stream.respond({ ...RESPONSE, ...statusTrailers(code, details) }, { endStream: true });
  stream.resume();
}
function statusTrailers(code, details) {
  return { "grpc-status": String(code), "grpc-message": encodeURIComponent(details) };
}

// dist/server/session/session.js
import { randomUUID } from "node:crypto";
var FRAME_BYTES = 256 * 1024;
var UNREAD_BYTES = 256 * 1024 * 1024;
var HELLO_MS = 1e4;
var SessionStream = class {
  stream;
  manager;
  #reader = new Reader();
  #writer = new Writer();
  #helloTimer;
  #session;
  #calls;
  #flushing = false;
  #unreadBytes = 0;
  #over = false;
  constructor(stream, manager) {
    this.stream = stream;
    this.manager = manager;
    this.#writer.leave(PREFIX_BYTES);
    this.#helloTimer = setTimeout(() => this.#cut(Status.INVALID_ARGUMENT, "no hello came: the first frame must carry one"), HELLO_MS);
  }
  frame(frame) {
    if (this.#over)
      return;
    try {
      readClientFrame(this.#reader, this.#reader.reset(frame), this);
    } catch (error) {
      if (error instanceof MalformedError)
        this.#cut(Status.INVALID_ARGUMENT, `malformed frame: ${error.message}`);
      else
        this.#cut(Status.INTERNAL, `a defect in the manager: ${String(error)}`);
    }
  }
  writable() {
    this.#unreadBytes = 0;
    this.stream.resume();
  }
  hello(hello) {
    if (this.#session)
      throw new MalformedError("a second hello");
    if (hello.protocol !== PROTOCOL) {
      this.#cut(Status.FAILED_PRECONDITION, `this manager speaks protocol ${PROTOCOL}, the client ${hello.protocol}: use versions of the same release`);
      return;
    }
    clearTimeout(this.#helloTimer);
    this.#session = new Session(randomUUID(), hello, (token) => {
      writeNotice(this.#writer, { lostToken: token });
      this.#flushSoon();
    });
    this.#calls = new SessionCalls(this.#session, this);
    this.manager.sessions.add(this);
    writeWelcome(this.#writer, {
      protocol: PROTOCOL,
      sessionId: this.#session.id,
      version: VERSION,
      maxMessageBytes: this.manager.maxMessageBytes,
      maxCalls: this.manager.maxCalls,
      methods: this.manager.routes.map(({ method }) => method.name)
    });
    this.#flushSoon();
  }
  call(id, index, request, open) {
    const calls = this.#opened();
    const route = this.manager.routes[index];
    if (route === void 0)
      throw new MalformedError(`method ${index}, where ${this.manager.routes.length} are known`);
    if (calls.has(id))
      throw new MalformedError(`call ${id} is open already`);
    this.manager.callsTotal++;
    try {
      this.#check(route, request, calls);
      const decoded = readSpan(this.#reader, route.method.input, request);
      if (open.begin < 0)
        calls.start(id, route, decoded);
      else
        calls.start(id, route, decoded, this.#opening(route.method, open));
    } catch (error) {
      this.fail(id, asManagerError(error));
    }
  }
  #check({ method }, { begin, end }, calls) {
    const bytes = end - begin;
    if (bytes > this.manager.maxMessageBytes) {
      throw new PayloadTooLargeError(`a request of ${bytes} bytes: this manager takes ${this.manager.maxMessageBytes} (--max-payload)`, { method: method.name });
    }
    if (this.manager.draining)
      throw this.manager.draining;
    if (method.blocking && calls.waiting >= this.manager.maxCalls) {
      throw new LimitExceededError(`${calls.waiting} calls of this session wait already`, { method: method.name });
    }
  }
  #opening(method, open) {
    const opener = openerOf(method);
    const handler = opener && this.manager.engine.handler(opener);
    if (!opener || !handler)
      throw new InvalidArgumentError(`${method.name} has nothing to open first`, { method: method.name });
    return { handler, request: readSpan(this.#reader, opener.input, open) };
  }
  cancel(id) {
    this.#opened().cancel(id);
  }
  taken({ id, count }) {
    this.#opened().acknowledge(id, count);
  }
  goodbye() {
    this.ended();
    this.stream.end();
  }
  #opened() {
    if (!this.#calls)
      throw new MalformedError("a call before the hello");
    return this.#calls;
  }
  answer(id, method, response) {
    const size = this.#writer.size;
    writeAnswer(this.#writer, id, method.output, response);
    const bytes = this.#writer.size - size;
    if (bytes > this.manager.maxMessageBytes) {
      this.#writer.rewind(size);
      this.#calls.cancel(id);
      const error = new PayloadTooLargeError(`the answer has ${bytes} bytes, and messages at most ${this.manager.maxMessageBytes}: ask for less at once`, { method: method.name });
      return this.fail(id, error);
    }
    this.#written();
  }
  fail(id, error) {
    writeFailure(this.#writer, id, toWire(error));
    this.#written();
  }
  #written() {
    if (this.#writer.size >= FRAME_BYTES)
      this.#flush();
    else
      this.#flushSoon();
  }
  drain(reason) {
    writeNotice(this.#writer, { draining: true });
    this.#calls?.failWaiting(reason);
    this.#flushSoon();
  }
  #flushSoon() {
    if (this.#flushing)
      return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }
  #flush() {
    this.#flushing = false;
    if (this.#over || this.#writer.size === PREFIX_BYTES)
      return;
    const frame = this.#writer.take();
    this.#writer.leave(PREFIX_BYTES);
    this.#unreadBytes += frame.length;
    if (this.stream.write(frame)) {
      this.#unreadBytes = 0;
    } else if (this.#unreadBytes > UNREAD_BYTES) {
      this.#cut(Status.RESOURCE_EXHAUSTED, `the client left ${this.#unreadBytes} bytes unread`);
    } else {
      this.stream.pause();
    }
  }
  /** Ends the session, but not the stream. Called again, it does nothing. */
  ended() {
    if (this.#over)
      return;
    this.#flush();
    this.#over = true;
    clearTimeout(this.#helloTimer);
    this.#calls?.end();
    this.#session?.end();
    this.manager.sessions.delete(this);
  }
  /** Ends session and stream because the manager goes away. */
  leave() {
    this.#cut(Status.UNAVAILABLE, "the manager went away");
  }
  get waiting() {
    return this.#calls?.waiting ?? 0;
  }
  /** Ends session and stream with a Status. */
  #cut(code, details) {
    this.ended();
    this.stream.fail(code, details);
  }
};

// dist/server/server.js
var GRACE_MS = 2e3;
async function startServer(options = {}) {
  const resolved = resolveOptions(options);
  const manager = new Manager(resolved);
  const guard = tokenGuard(resolved.token);
  const accept = (stream) => new SessionStream(stream, manager);
  const sessions = createSessionServer(accept, guard, manager.maxFrameBytes);
  const listeners = [];
  let grpc;
  const loadGrpc = () => grpc ??= import("./services-BQGTAZMV.js").then(({ createGrpcServer }) => createGrpcServer(manager, accept, guard));
  const receivers = {
    sdk: (socket) => void sessions.emit("connection", socket),
    grpc: (socket) => void loadGrpc().then((server) => server.inject(socket))
  };
  const close = async () => {
    for (const listener of listeners)
      listener.close();
    const general = await grpc;
    general?.health.stop();
    manager.drain();
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of manager.sessions)
      session.leave();
    sessions.close();
    await general?.close(GRACE_MS);
    manager.engine.close();
  };
  try {
    for (const address of resolved.listen)
      listeners.push(await listen(address, receivers));
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: listeners.map(({ address }) => address), close };
}

export {
  startServer
};
