import {
  CONNECT_PATH,
  PROTOCOL,
  SDK_SETTING,
  assertKey,
  coerce,
  formatAddress,
  parseAddress,
  readServerFrame,
  readSpan,
  userSocket,
  writeCall,
  writeCancel,
  writeGoodbye,
  writeHello,
  writeTaken
} from "./chunk-VUPR3GZ3.js";
import {
  ClosedError,
  Deframer,
  DictService,
  InvalidArgumentError,
  KindMismatchError,
  ListService,
  LockLostError,
  LockService,
  ManagerService,
  ManagerUnavailableError,
  NotFoundError,
  NotOwnerError,
  OutOfRangeError,
  PREFIX_BYTES,
  PayloadTooLargeError,
  ProtocolError,
  QueueEmptyError,
  QueueFullError,
  QueueService,
  QueueShutDownError,
  REFERENCE,
  Reader,
  SessionExpiredError,
  Status,
  TimeoutError,
  UnauthenticatedError,
  UnimplementedError,
  ValueService,
  WorkerDiedError,
  Writer,
  decodePayload,
  encodePayload,
  fromWire,
  writePrefix
} from "./chunk-2GGWTFG2.js";

// dist/client/structure.js
var Structure = class {
  home;
  kind;
  name;
  opener;
  optional;
  /** Session in which the options were last checked against the object. */
  #openedIn;
  /** @internal */
  constructor(home, kind, name, opener, optional) {
    this.home = home;
    this.kind = kind;
    this.name = name;
    this.opener = opener;
    this.optional = optional;
    if (!optional)
      this.#openedIn = ANY_SESSION;
  }
  /**
   * Whether the object exists. One round trip.
   * @throws KindMismatchError where the name belongs to another kind
   */
  async exists() {
    try {
      const { object } = await this.home.transport.call(ManagerService.methods.describe, { name: this.name }, asItIs);
      if (object.kind === this.kind)
        return true;
      throw new KindMismatchError(`"${this.name}" is a ${object.kind}, not a ${this.kind}`, { object: this.name });
    } catch (error) {
      if (error instanceof NotFoundError)
        return false;
      throw error;
    }
  }
  /**
   * Makes the object, which must not exist yet. One round trip.
   * @throws AlreadyExistsError where it does; KindMismatchError where the name belongs to another kind
   */
  async create() {
    const { method, request } = this.opener;
    await this.home.transport.call(method, { ...request, exclusive: true }, () => this.#opened());
    return this;
  }
  /**
   * Ends the object; whoever waits on it fails with NotFoundError. Answers whether there was one.
   * One round trip.
   * @throws KindMismatchError where the name belongs to another kind
   */
  async destroy() {
    const { destroyed } = await this.home.transport.call(ManagerService.methods.destroy, { name: this.name, kind: this.kind }, asItIs);
    if (this.optional)
      this.#openedIn = void 0;
    return destroyed;
  }
  /** The object as data: it can be stored, sent and logged, and carries no secret. */
  toJSON() {
    return { kind: this.kind, name: this.name, address: this.home.transport.address };
  }
  /** @internal How a payload carries this proxy. Others must find what it stands for. */
  [REFERENCE]() {
    if (this.#openedIn !== ANY_SESSION && this.#openedIn !== this.home.transport.sessionId) {
      const { method, request } = this.opener;
      this.home.preparing(this.home.transport.call(method, request, nothing));
    }
    return this.toJSON();
  }
  /** Lets go of the proxy. The object stays. */
  [Symbol.asyncDispose]() {
    return Promise.resolve();
  }
  /** Makes a call, which carries the object's options until one succeeded in this session. */
  call(method, request, read, options) {
    const { transport } = this.home;
    const opened = this.#openedIn;
    if (opened === ANY_SESSION || opened !== void 0 && opened === transport.sessionId) {
      return transport.call(method, request, read, options);
    }
    const { method: open, request: wanted } = this.opener;
    const opening = { codec: open.input, request: wanted };
    const readFirst = (response) => {
      this.#opened();
      return read(response);
    };
    return transport.call(method, request, readFirst, { ...options, opening });
  }
  #opened() {
    if (this.#openedIn !== ANY_SESSION)
      this.#openedIn = this.home.transport.sessionId;
  }
  /** A user's value as it travels. */
  encode(value) {
    return encodePayload(value);
  }
  /** What travelled, as the user's value. */
  decode(payload) {
    const bytes = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
    return decodePayload(bytes, this.home);
  }
};
var ANY_SESSION = "*";
function attempt(make) {
  try {
    return make();
  } catch (error) {
    return Promise.reject(error);
  }
}
function kept(payload) {
  return typeof payload === "string" ? payload : Uint8Array.from(payload);
}
function nothing() {
}
function asItIs(response) {
  return response;
}

// dist/client/dict.js
var { methods } = DictService;
var SharedDict = class extends Structure {
  /** @internal */
  constructor(home, name) {
    super(home, "dict", name, { method: methods.open, request: { name, exclusive: false } }, false);
  }
  /** The value under a key, or undefined. One round trip. */
  get(key) {
    return attempt(() => this.call(methods.get, { name: this.name, key: valid(key) }, this.#value));
  }
  /** The entries of those keys that are there, in the order asked. One round trip. */
  getMany(keys) {
    return attempt(() => this.call(methods.getMany, { name: this.name, keys: Array.from(keys, valid) }, this.#map));
  }
  /** Stores a value under a key. A new key goes to the end, a known one keeps its place. One round trip. */
  set(key, value) {
    return attempt(() => this.call(methods.set, { name: this.name, key: valid(key), value: this.encode(value) }, nothing));
  }
  /**
   * Stores many entries at once, of a Map, an object or `[key, value]` pairs: no one sees a part of
   * them (Python's `update`). One round trip.
   */
  setMany(entries) {
    return attempt(() => {
      const pairs = Symbol.iterator in entries ? entries : Object.entries(entries);
      const encoded = Array.from(pairs, ([key, value]) => ({ key: valid(key), value: this.encode(value) }));
      return this.call(methods.setMany, { name: this.name, entries: encoded }, nothing);
    });
  }
  /** Whether a key is there. One round trip. */
  has(key) {
    return attempt(() => this.call(methods.has, { name: this.name, key: valid(key) }, ({ found }) => found));
  }
  /** Removes a key; answers whether it was there. One round trip. */
  delete(key) {
    return attempt(() => this.call(methods.delete, { name: this.name, key: valid(key) }, ({ deleted }) => deleted));
  }
  /** Removes many keys at once; answers how many were there. One round trip. */
  deleteMany(keys) {
    return attempt(() => this.call(methods.deleteMany, { name: this.name, keys: Array.from(keys, valid) }, ({ deleted }) => deleted));
  }
  /** Number of entries. One round trip. */
  size() {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }
  /** Removes all entries. One round trip. */
  clear() {
    return this.call(methods.clear, { name: this.name }, nothing);
  }
  /** The value under a key, after storing `value` where there was none (Python's `setdefault`). One round trip. */
  getOrInsert(key, value) {
    return attempt(() => {
      const request = { name: this.name, key: valid(key), value: this.encode(value) };
      return this.call(methods.getOrInsert, request, (response) => this.decode(response.value));
    });
  }
  /** Removes a key and answers its value, or undefined. One round trip. */
  pop(key) {
    return attempt(() => this.call(methods.pop, { name: this.name, key: valid(key) }, this.#value));
  }
  /** Removes the newest entry and answers it, or undefined (Python's `popitem`). One round trip. */
  popItem() {
    return this.call(methods.popItem, { name: this.name }, ({ entry }) => entry && this.#entry(entry));
  }
  /**
   * Adds to the number under a key, atomically; an absent key counts as 0. Answers the new number.
   * One round trip.
   * @param delta a number, or a bigint where the key holds one; default 1
   * @throws InvalidArgumentError where the key holds no number, or one of the other type
   */
  add(key, delta = 1) {
    return attempt(() => {
      const request = { name: this.name, key: valid(key), delta: this.encode(delta) };
      return this.call(methods.add, request, ({ value }) => this.decode(value));
    });
  }
  /**
   * Stores `next` if the key holds what is expected, compared by deep equality; answers whether it
   * did. `undefined` stands for an absent key, on either side. One round trip.
   */
  compareAndSet(key, expected, next) {
    return attempt(() => this.#swap(key, expected === void 0 ? void 0 : this.encode(expected), next));
  }
  /**
   * Changes the value under a key by a function of the present one; `undefined` stands for an absent
   * key. When someone came between, the function runs again on the newer value: it must have no side
   * effects. Answers what was stored. Two round trips, and two more for each time someone came between.
   */
  async update(key, change) {
    for (; ; ) {
      const request = { name: this.name, key: valid(key) };
      const expected = await this.call(methods.get, request, ({ value }) => value && kept(value));
      const next = change(expected === void 0 ? void 0 : this.decode(expected));
      if (await this.#swap(key, expected, next))
        return next;
    }
  }
  #swap(key, expected, next) {
    const request = { name: this.name, key: valid(key), expected, next: next === void 0 ? void 0 : this.encode(next) };
    return this.call(methods.compareAndSet, request, ({ swapped }) => swapped);
  }
  /** The keys in order, page by page: see {@link entries}. */
  keys() {
    return this.#scan(true, ({ key }) => key);
  }
  /** The values in order of their keys, page by page: see {@link entries}. */
  values() {
    return this.#scan(false, ({ value }) => this.decode(value));
  }
  /**
   * The entries in order, page by page while they are asked for; a round trip for each 1,000 entries.
   * What is there throughout comes exactly once, also while others insert and delete; what is inserted
   * after the beginning does not come.
   */
  entries() {
    return this.#scan(false, (entry) => this.#entry(entry));
  }
  [Symbol.asyncIterator]() {
    return this.entries();
  }
  /**
   * All entries as a Map, as they were at one moment. One round trip.
   * @throws PayloadTooLargeError where they exceed the largest message: iterate instead
   */
  toMap() {
    return this.call(methods.snapshot, { name: this.name }, this.#map);
  }
  async *#scan(keysOnly, read) {
    let pageToken = "";
    do {
      const request = { name: this.name, pageToken, pageSize: 0, keysOnly };
      const page = await this.call(methods.scan, request, ({ entries, nextPageToken }) => ({ entries: entries.map(read), nextPageToken }));
      yield* page.entries;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }
  #value = ({ value }) => value === void 0 ? void 0 : this.decode(value);
  #map = ({ entries }) => new Map(entries.map((entry) => this.#entry(entry)));
  #entry({ key, value }) {
    return [key, this.decode(value)];
  }
};
function valid(key) {
  assertKey(key);
  return key;
}

// dist/client/wait.js
var LONGEST = 2 ** 32 - 1;
function milliseconds(name, time) {
  if (time === void 0)
    return void 0;
  if (typeof time !== "number" || !(time >= 0)) {
    throw new InvalidArgumentError(`${name} is ${String(time)}: give milliseconds, 0 or more`);
  }
  return time > LONGEST ? void 0 : Math.ceil(time);
}

// dist/client/held.js
function leaseMs(lease) {
  const ms = milliseconds("lease", lease);
  if (ms === 0)
    throw new OutOfRangeError("a lease of 0 ms is over before it begins: give at least 1");
  return ms;
}
var Held = class {
  object;
  calls;
  #token;
  #state = "held";
  #controller;
  #lossReason;
  #unwatch;
  /** @internal */
  constructor(transport, object, granted, calls) {
    this.object = object;
    this.calls = calls;
    this.#token = granted.token;
    this.abandoned = granted.abandoned;
    this.#unwatch = transport.onLost(granted.token, (reason) => this.#lost(reason));
  }
  /** The hold before this one ended without a release: its holder died or lost its lease, perhaps in the middle of a change. */
  abandoned;
  /** Names the hold, and fences its writes: it grows from hold to hold. */
  get token() {
    return BigInt(this.#token);
  }
  /** Aborts when the hold is lost, by its lease or with the session. */
  get signal() {
    this.#controller ??= new AbortController();
    if (this.#state === "lost")
      this.#controller.abort(this.#lossReason);
    return this.#controller.signal;
  }
  /**
   * Gives it back. One round trip.
   * @throws NotOwnerError when released already; LockLostError when the lease or the session ended
   */
  async release() {
    this.assertHeld();
    this.#state = "released";
    try {
      await this.calls.release(this.#token);
      this.#unwatch();
    } catch (error) {
      if (this.#state === "released")
        this.#state = "held";
      throw error;
    }
  }
  /**
   * Makes the lease end in so many milliseconds from now. One round trip.
   * @throws NotOwnerError, LockLostError as {@link release}
   */
  async extend(lease) {
    this.assertHeld();
    await this.calls.extend(this.#token, leaseMs(lease) ?? 2 ** 31 - 1);
  }
  /** Gives it back; silent where it was released or lost before. */
  async [Symbol.asyncDispose]() {
    if (this.#state === "held")
      await this.release();
  }
  /** @internal */
  get lost() {
    return this.#state === "lost";
  }
  /** @internal */
  assertHeld() {
    if (this.#state === "released")
      throw new NotOwnerError(`"${this.object}" was released already`, { object: this.object });
    if (this.#state === "lost")
      throw this.#lossReason;
  }
  #lost(cause) {
    this.#state = "lost";
    this.#lossReason = new LockLostError(`"${this.object}" is no longer held: ${cause.message}`, { object: this.object, cause });
    this.#controller?.abort(this.#lossReason);
  }
};

// dist/client/lock.js
var __addDisposableResource = function(env, value, async) {
  if (value !== null && value !== void 0) {
    if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
    var dispose, inner;
    if (async) {
      if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
      dispose = value[Symbol.asyncDispose];
    }
    if (dispose === void 0) {
      if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
      dispose = value[Symbol.dispose];
      if (async) inner = dispose;
    }
    if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
    if (inner) dispose = function() {
      try {
        inner.call(this);
      } catch (e) {
        return Promise.reject(e);
      }
    };
    env.stack.push({ value, dispose, async });
  } else if (async) {
    env.stack.push({ async: true });
  }
  return value;
};
var __disposeResources = /* @__PURE__ */ (function(SuppressedError2) {
  return function(env) {
    function fail(e) {
      env.error = env.hasError ? new SuppressedError2(e, env.error, "An error was suppressed during disposal.") : e;
      env.hasError = true;
    }
    var r, s = 0;
    function next() {
      while (r = env.stack.pop()) {
        try {
          if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
          if (r.dispose) {
            var result = r.dispose.call(r.value);
            if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) {
              fail(e);
              return next();
            });
          } else s |= 1;
        } catch (e) {
          fail(e);
        }
      }
      if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
      if (env.hasError) throw env.error;
    }
    return next();
  };
})(typeof SuppressedError === "function" ? SuppressedError : function(error, suppressed, message) {
  var e = new Error(message);
  return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
var { methods: methods2 } = LockService;
var Lock = class extends Structure {
  /** @internal */
  constructor(home, name) {
    super(home, "lock", name, { method: methods2.open, request: { name, exclusive: false } }, false);
  }
  /**
   * Takes the lock, waiting for it. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason when it aborts; NotFoundError
   * when the lock is destroyed meanwhile
   */
  acquire(options) {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: milliseconds("timeout", options?.timeout), leaseMs: leaseMs(options?.lease) };
      return this.call(methods2.acquire, request, (granted) => new Held(this.home.transport, this.name, granted, this.#held), options);
    });
  }
  #held = {
    release: (token) => this.call(methods2.release, { name: this.name, token }, nothing),
    extend: (token, ms) => this.call(methods2.extend, { name: this.name, token, leaseMs: ms }, nothing)
  };
  /** Takes the lock if it is free; undefined otherwise. One round trip. */
  async tryAcquire(options = {}) {
    try {
      return await this.acquire({ ...options, timeout: 0 });
    } catch (error) {
      if (error instanceof TimeoutError)
        return void 0;
      throw error;
    }
  }
  /**
   * Runs a task while holding the lock, and releases it however the task ends. The task's signal
   * aborts when the lock is lost. Two round trips.
   */
  async run(task, options = {}) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
      const held = __addDisposableResource(env_1, await this.acquire(options), true);
      return await task(held.signal, held);
    } catch (e_1) {
      env_1.error = e_1;
      env_1.hasError = true;
    } finally {
      const result_1 = __disposeResources(env_1);
      if (result_1)
        await result_1;
    }
  }
  /** Whether someone holds the lock. One round trip. */
  async locked() {
    return await this.holder() !== void 0;
  }
  /** Who holds the lock, or undefined. One round trip. */
  async holder() {
    const { holder } = await this.call(methods2.holder, { name: this.name }, asItIs);
    return holder && holderInfo(holder);
  }
};
function holderInfo({ token, sessionId, host, pid, label, heldMs, leaseRemainingMs }) {
  return { token: BigInt(token), sessionId, host, pid, label, heldFor: heldMs, leaseRemaining: leaseRemainingMs };
}

// dist/client/list.js
var { methods: methods3 } = ListService;
var SharedList = class extends Structure {
  /** @internal */
  constructor(home, name) {
    super(home, "list", name, { method: methods3.open, request: { name, exclusive: false } }, false);
  }
  /** The item at an index, or undefined. One round trip. */
  at(index) {
    return attempt(() => this.call(methods3.at, { name: this.name, index: whole(index) }, this.#item));
  }
  /**
   * Replaces the item at an index. One round trip.
   * @throws OutOfRangeError where there is none: {@link push} and {@link insert} add
   */
  set(index, value) {
    return attempt(() => this.call(methods3.set, { name: this.name, index: whole(index), value: this.encode(value) }, nothing));
  }
  /** Number of items. One round trip. */
  length() {
    return this.call(methods3.length, { name: this.name }, length);
  }
  /** Appends items, together; answers the new length. One round trip. */
  push(...values) {
    return this.extend(values);
  }
  /** Appends the items of an iterable, together; answers the new length. One round trip. */
  extend(values) {
    return attempt(() => this.call(methods3.push, { name: this.name, values: this.#encodeAll(values) }, length));
  }
  /** Removes and answers the last item, or the one at `index` (Python's `pop(i)`); undefined where there is none. One round trip. */
  pop(index) {
    return attempt(() => this.call(methods3.pop, { name: this.name, index: index === void 0 ? void 0 : whole(index) }, this.#item));
  }
  /** Puts items, in their order, before the first; answers the new length. One round trip. */
  unshift(...values) {
    return attempt(() => this.call(methods3.unshift, { name: this.name, values: this.#encodeAll(values) }, length));
  }
  /** Removes and answers the first item, or undefined. One round trip. */
  shift() {
    return this.call(methods3.shift, { name: this.name }, this.#item);
  }
  /** Puts an item before an index; beyond either end it goes to that end. One round trip. */
  insert(index, value) {
    return attempt(() => this.call(methods3.insert, { name: this.name, index: whole(index), value: this.encode(value) }, nothing));
  }
  /**
   * Removes `deleteCount` items from `start` on, or all behind it, and puts `values` in their place;
   * answers the removed ones. One round trip.
   */
  splice(start, deleteCount, ...values) {
    return attempt(() => {
      const count2 = deleteCount === void 0 ? void 0 : Math.max(0, whole(deleteCount));
      const request = { name: this.name, start: whole(start), deleteCount: count2, values: this.#encodeAll(values) };
      return this.call(methods3.splice, request, ({ removed }) => this.#items(removed));
    });
  }
  /** The items from `start` to before `end`, as they are at one moment. One round trip. */
  slice(start, end) {
    return attempt(() => {
      const request = { name: this.name, start: start === void 0 ? void 0 : whole(start), end: end === void 0 ? void 0 : whole(end) };
      return this.call(methods3.slice, request, ({ values }) => this.#items(values));
    });
  }
  /** Index of the first equal item, or -1. One round trip; the manager compares item by item. */
  indexOf(value) {
    return attempt(() => this.call(methods3.indexOf, { name: this.name, value: this.encode(value) }, ({ index }) => index));
  }
  /** Whether an equal item is there. One round trip. */
  includes(value) {
    return attempt(() => this.call(methods3.indexOf, { name: this.name, value: this.encode(value) }, ({ index }) => index >= 0));
  }
  /** How many items are equal. One round trip. */
  count(value) {
    return attempt(() => this.call(methods3.count, { name: this.name, value: this.encode(value) }, ({ count: count2 }) => count2));
  }
  /** Removes the first equal item; answers whether there was one. One round trip. */
  remove(value) {
    return attempt(() => this.call(methods3.remove, { name: this.name, value: this.encode(value) }, ({ removed }) => removed));
  }
  /** Turns the order round, in place. One round trip. */
  reverse() {
    return this.call(methods3.reverse, { name: this.name }, nothing);
  }
  /**
   * Sorts in place, stably: null, booleans, numbers, text by code unit, bytes, then the rest by their
   * bytes. One round trip.
   * @param options.descending the other way round; default false
   * @param options.by dotted path of the field to sort by, as `user.age`; items without it come last
   */
  sort(options = {}) {
    return this.call(methods3.sort, { name: this.name, descending: options.descending ?? false, by: options.by ?? "" }, nothing);
  }
  /** Removes all items. One round trip. */
  clear() {
    return this.call(methods3.clear, { name: this.name }, nothing);
  }
  /**
   * All items, as they are at one moment. One round trip.
   * @throws PayloadTooLargeError where they exceed the largest message: iterate instead
   */
  toArray() {
    return this.slice();
  }
  /**
   * The items in order, as they are at the beginning, page by page while they are asked for; a round
   * trip for each 1,000 items. The manager keeps what is still to come until the end, the session's
   * end, or the beginning of the thousandth iteration after this one.
   */
  async *[Symbol.asyncIterator]() {
    let pageToken = "";
    do {
      const request = { name: this.name, pageToken, pageSize: 0 };
      const page = await this.call(methods3.scan, request, ({ values, nextPageToken }) => ({ items: this.#items(values), nextPageToken }));
      yield* page.items;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }
  #encodeAll(values) {
    return Array.from(values, (value) => this.encode(value));
  }
  #items(payloads) {
    return payloads.map((payload) => this.decode(payload));
  }
  #item = ({ value }) => value === void 0 ? void 0 : this.decode(value);
};
var length = (response) => response.length;
function whole(index) {
  if (Number.isInteger(index))
    return Math.min(Math.max(index, -(2 ** 31)), 2 ** 31 - 1);
  if (index === Infinity)
    return 2 ** 31 - 1;
  if (index === -Infinity)
    return -(2 ** 31);
  throw new InvalidArgumentError(`the index is ${String(index)}: give a whole number`);
}

// dist/client/transport/transport.js
var HandOver = class {
  #taken = () => {
  };
  #giveBack = () => {
  };
  /** @internal Called by the transport when the answer is here. */
  arrived(taken, giveBack) {
    this.#taken = taken;
    this.#giveBack = giveBack;
  }
  /** The first `count` items, or all, are the client's now. */
  taken(count2) {
    this.#taken(count2);
  }
  /** What is not taken goes back. */
  giveBack() {
    this.#giveBack();
  }
};

// dist/client/queue-iterator.js
var MOST = 512;
var FAST_MS = 4;
var SLOW_MS = 20;
var AHEAD = 16;
var DONE = { done: true, value: void 0 };
var QueueIterator = class {
  fetch;
  decode;
  #stop = new AbortController();
  #batch;
  #ahead;
  #size = 1;
  #arrived = 0;
  #over = false;
  /** The next() under way, where one waits for a batch: later ones wait behind it. */
  #turn;
  constructor(fetch, decode2) {
    this.fetch = fetch;
    this.decode = decode2;
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  next() {
    if (this.#turn === void 0 && this.#batch !== void 0)
      return Promise.resolve(this.#take(this.#batch));
    const before = this.#turn ?? Promise.resolve();
    const turn = before.then(() => this.#waitForNext()).finally(() => {
      if (this.#turn === turn)
        this.#turn = void 0;
    });
    return this.#turn = turn;
  }
  /** Leaves the loop: what it did not reach goes back. */
  async return() {
    this.#over = true;
    this.#batch?.handOver.giveBack();
    this.#batch = void 0;
    const { reason } = this.#stop.signal;
    this.#stop.abort(reason);
    const ahead = await this.#ahead?.catch(() => void 0);
    ahead?.handOver.giveBack();
    return DONE;
  }
  async #waitForNext() {
    if (this.#over)
      return DONE;
    if (this.#batch)
      return this.#take(this.#batch);
    try {
      this.#batch = await (this.#ahead ?? this.#request());
    } catch (error) {
      const stopped = this.#over;
      this.#over = true;
      if (stopped || error instanceof QueueShutDownError)
        return DONE;
      throw error;
    }
    this.#ahead = void 0;
    this.#arrived = performance.now();
    if (this.#size >= AHEAD) {
      this.#ahead = this.#request();
      this.#ahead.catch(() => {
      });
    }
    return this.#take(this.#batch);
  }
  async #request() {
    const handOver = new HandOver();
    const items = await this.fetch(this.#size, this.#stop.signal, handOver);
    return { items, handOver, next: 0 };
  }
  #take(batch) {
    const item = batch.items[batch.next++];
    if (batch.next < batch.items.length) {
      batch.handOver.taken(batch.next);
    } else {
      batch.handOver.taken();
      this.#batch = void 0;
      this.#pace(batch.items.length);
    }
    return { done: false, value: this.decode(item) };
  }
  #pace(length2) {
    const elapsed = performance.now() - this.#arrived;
    if (elapsed > SLOW_MS)
      this.#size = Math.max(1, this.#size >> 2);
    else if (elapsed < FAST_MS && length2 === this.#size)
      this.#size = Math.min(MOST, this.#size * 2);
  }
};

// dist/client/queue.js
var { methods: methods4 } = QueueService;
var SharedQueue = class extends Structure {
  /** @internal */
  constructor(home, name, { capacity } = {}) {
    const request = { name, exclusive: false, capacity: capacity === void 0 ? void 0 : count("capacity", capacity, 0) };
    super(home, "queue", name, { method: methods4.open, request }, capacity !== void 0);
  }
  /**
   * Appends an item, waiting for room. One round trip.
   * @throws QueueFullError when the timeout ends first; QueueShutDownError; the signal's reason
   */
  put(value, options) {
    return attempt(() => {
      const request = { name: this.name, value: this.encode(value), timeoutMs: milliseconds("timeout", options?.timeout) };
      return this.call(methods4.put, request, nothing, options);
    });
  }
  /**
   * Appends items in order, waiting for room. One round trip.
   * @throws QueueFullError, with `accepted` (how many went in), when the timeout ends first;
   * QueueShutDownError; the signal's reason, by which time some may have gone in
   */
  putMany(values, options) {
    return attempt(() => {
      const encoded = Array.from(values, (value) => this.encode(value));
      const request = { name: this.name, values: encoded, timeoutMs: milliseconds("timeout", options?.timeout) };
      return this.call(methods4.putMany, request, nothing, options);
    });
  }
  /**
   * Removes and answers the first item, waiting for one. One round trip.
   * @throws QueueEmptyError when the timeout ends first; QueueShutDownError when the queue is shut
   * down and drained; the signal's reason
   */
  get(options) {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: milliseconds("timeout", options?.timeout) };
      return this.call(methods4.get, request, ({ value }) => this.decode(value), options);
    });
  }
  /** Waits for a first item and answers it with those behind it, at most `max`. One round trip. Throws as {@link get}. */
  getMany(max, options) {
    return attempt(() => {
      const request = { name: this.name, max: count("max", max, 1), timeoutMs: milliseconds("timeout", options?.timeout) };
      return this.call(methods4.getMany, request, this.#decodeAll, options);
    });
  }
  /** Appends an item if there is room; answers whether there was. One round trip. */
  async tryPut(value) {
    try {
      await this.put(value, { timeout: 0 });
      return true;
    } catch (error) {
      if (error instanceof QueueFullError)
        return false;
      throw error;
    }
  }
  /** Removes and answers the first item, or undefined where there is none now. One round trip. */
  async tryGet() {
    try {
      return await this.get({ timeout: 0 });
    } catch (error) {
      if (error instanceof QueueEmptyError)
        return void 0;
      throw error;
    }
  }
  /** The first items, which stay where they are. One round trip. */
  async peek(howMany = 1) {
    const wanted = count("count", howMany, 0);
    if (wanted === 0)
      return [];
    return this.call(methods4.peek, { name: this.name, count: wanted }, this.#decodeAll);
  }
  /** Number of items waiting to be taken. One round trip. */
  size() {
    return this.call(methods4.size, { name: this.name }, ({ size }) => size);
  }
  /** Removes all items, which count as done; answers how many there were. One round trip. */
  clear() {
    return this.call(methods4.clear, { name: this.name }, ({ cleared }) => cleared);
  }
  /**
   * Says that so many items taken earlier are worked off. One round trip.
   * @throws InvalidArgumentError when that is more than were put
   */
  async taskDone(howMany = 1) {
    const done = count("count", howMany, 0);
    if (done > 0)
      await this.call(methods4.taskDone, { name: this.name, count: done }, nothing);
  }
  /**
   * Waits until all items ever put are worked off. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason
   */
  join(options) {
    return attempt(() => this.call(methods4.join, { name: this.name, timeoutMs: milliseconds("timeout", options?.timeout) }, nothing, options));
  }
  /**
   * Ends the queue: nothing more goes in, what is there can be taken, then `get` throws
   * QueueShutDownError and iterations end. One round trip.
   * @param options.immediate drop what is there as well; it counts as done
   */
  shutdown(options = {}) {
    return this.call(methods4.shutdown, { name: this.name, immediate: options.immediate ?? false }, nothing);
  }
  /**
   * Takes the items one by one, waiting for each, until the queue is shut down and drained. A fast
   * loop fetches several at once: those it did not reach go back to the head when it is left, or
   * when its process dies.
   */
  [Symbol.asyncIterator]() {
    return new QueueIterator((max, signal, handOver) => this.call(methods4.getMany, { name: this.name, max }, ({ values }) => values, { signal, handOver }), (payload) => this.decode(payload));
  }
  #decodeAll = ({ values }) => values.map((payload) => this.decode(payload));
};
function count(name, value, least) {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32)
    return value;
  throw new InvalidArgumentError(`${name} is ${String(value)}: give a whole number, ${least} or more`);
}

// dist/client/value.js
var __addDisposableResource2 = function(env, value, async) {
  if (value !== null && value !== void 0) {
    if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
    var dispose, inner;
    if (async) {
      if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
      dispose = value[Symbol.asyncDispose];
    }
    if (dispose === void 0) {
      if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
      dispose = value[Symbol.dispose];
      if (async) inner = dispose;
    }
    if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
    if (inner) dispose = function() {
      try {
        inner.call(this);
      } catch (e) {
        return Promise.reject(e);
      }
    };
    env.stack.push({ value, dispose, async });
  } else if (async) {
    env.stack.push({ async: true });
  }
  return value;
};
var __disposeResources2 = /* @__PURE__ */ (function(SuppressedError2) {
  return function(env) {
    function fail(e) {
      env.error = env.hasError ? new SuppressedError2(e, env.error, "An error was suppressed during disposal.") : e;
      env.hasError = true;
    }
    var r, s = 0;
    function next() {
      while (r = env.stack.pop()) {
        try {
          if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
          if (r.dispose) {
            var result = r.dispose.call(r.value);
            if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) {
              fail(e);
              return next();
            });
          } else s |= 1;
        } catch (e) {
          fail(e);
        }
      }
      if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
      if (env.hasError) throw env.error;
    }
    return next();
  };
})(typeof SuppressedError === "function" ? SuppressedError : function(error, suppressed, message) {
  var e = new Error(message);
  return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
var { methods: methods5 } = ValueService;
var SharedValue = class extends Structure {
  #type;
  /** @internal Without an initial value it is a proxy of one that exists. */
  constructor(home, name, initial, options = {}) {
    const checked = initial && { value: options.type === void 0 ? initial.value : coerce(options.type, initial.value) };
    const request = { name, exclusive: false, type: options.type };
    super(home, "value", name, { method: methods5.open, request }, initial !== void 0);
    if (checked)
      request.initial = this.encode(checked.value);
    this.#type = options.type;
  }
  /** The value as last written. Does not wait for the lock. One round trip. */
  get() {
    return this.call(methods5.get, { name: this.name }, this.#value);
  }
  /** Replaces the value; waits while another holds the lock. One round trip. */
  set(value, options) {
    return attempt(() => {
      const request = { name: this.name, value: this.encodeChecked(value), timeoutMs: milliseconds("timeout", options?.timeout) };
      return this.call(methods5.set, request, nothing, options);
    });
  }
  /**
   * Adds to the number, atomically; answers the new one. Waits while another holds the lock. One
   * round trip.
   * @param delta a number, or a bigint where the value is one
   */
  add(delta, options) {
    return attempt(() => {
      const request = { name: this.name, delta: this.encode(delta), timeoutMs: milliseconds("timeout", options?.timeout) };
      return this.call(methods5.add, request, this.#value, options);
    });
  }
  /**
   * Replaces the value if it is what is expected, compared by deep equality; answers whether it did.
   * Waits while another holds the lock. One round trip.
   */
  compareAndSet(expected, next, options) {
    return attempt(() => {
      const timeoutMs = milliseconds("timeout", options?.timeout);
      const request = { name: this.name, expected: this.encode(expected), next: this.encodeChecked(next), timeoutMs };
      return this.call(methods5.compareAndSet, request, ({ swapped }) => swapped, options);
    });
  }
  /**
   * Changes the value by a function of the present one, while holding the lock; answers what was
   * stored. Two round trips.
   */
  async update(change, options = {}) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
      const held = __addDisposableResource2(env_1, await this.lock(options), true);
      const changed = change(held.value);
      held.value = changed;
      await held.release();
      return changed;
    } catch (e_1) {
      env_1.error = e_1;
      env_1.hasError = true;
    } finally {
      const result_1 = __disposeResources2(env_1);
      if (result_1)
        await result_1;
    }
  }
  /**
   * Takes the lock, and the value with it. What is assigned to `held.value` is written at the release.
   * One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason when it aborts
   */
  lock(options) {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: milliseconds("timeout", options?.timeout), leaseMs: leaseMs(options?.lease) };
      return this.call(methods5.lock, request, (granted) => new HeldValue(this.home.transport, this.name, granted, this.#value(granted), this.#held), options);
    });
  }
  #value = ({ value }) => this.decode(value);
  #held = {
    encode: (value) => this.encodeChecked(value),
    unlock: (token, value) => this.call(methods5.unlock, { name: this.name, token, value }, nothing),
    extend: (token, ms) => this.call(methods5.extend, { name: this.name, token, leaseMs: ms }, nothing)
  };
  encodeChecked(value) {
    return this.encode(this.#type === void 0 ? value : coerce(this.#type, value));
  }
};
var HeldValue = class extends Held {
  #now;
  #encode;
  /** @internal */
  constructor(transport, object, granted, value, calls) {
    const now = { value, changed: void 0 };
    super(transport, object, granted, {
      release: (token) => calls.unlock(token, now.changed),
      extend: (token, ms) => calls.extend(token, ms)
    });
    this.#now = now;
    this.#encode = (next) => calls.encode(next);
  }
  /**
   * The value; an assigned one is written when the lock is released, in the same round trip.
   * Assigning throws what {@link SharedValue.set} would.
   */
  get value() {
    return this.#now.value;
  }
  set value(value) {
    this.assertHeld();
    this.#now.changed = this.#encode(value);
    this.#now.value = value;
  }
  /**
   * Gives the lock back; silent where it was released or lost before. Where the changed value is
   * refused, the lock is given back all the same.
   * @throws LockLostError where a changed value would be lost with the lock
   */
  async [Symbol.asyncDispose]() {
    if (this.lost && this.#now.changed !== void 0)
      this.assertHeld();
    try {
      await super[Symbol.asyncDispose]();
    } catch (error) {
      this.#now.changed = void 0;
      await super[Symbol.asyncDispose]();
      throw error;
    }
  }
};

// dist/client/manager.js
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { setEnvironmentData } from "node:worker_threads";

// dist/client/info.js
function infoOf({ kind, ageMs, holders, ...rest }) {
  return { kind, age: ageMs, holders: holders.map(holderInfo), ...rest };
}

// dist/client/options.js
import { readFileSync } from "node:fs";
import { getEnvironmentData } from "node:worker_threads";
function tokenKey(address) {
  return `commonhold.token:${address}`;
}
function resolveConnect(address, options) {
  const addresses = [address ?? (process.env["COMMONHOLD_ADDRESS"] || userSocket())].flat();
  if (addresses.length === 0)
    throw new InvalidArgumentError("no address: give one, or none for the default");
  addresses.forEach(parseAddress);
  const callTimeout = options.callTimeout ?? 3e4;
  if (!(callTimeout > 0))
    throw new InvalidArgumentError(`callTimeout is ${callTimeout}: give milliseconds, above 0`);
  return {
    addresses,
    options: {
      token: options.token ?? knownToken(addresses[0]),
      label: options.label ?? process.title,
      callTimeout: Math.min(callTimeout, 2 ** 31 - 1),
      reconnect: options.reconnect ?? true
    }
  };
}
function knownToken(address) {
  const known = getEnvironmentData(tokenKey(address));
  if (typeof known === "string")
    return known;
  const file = process.env["COMMONHOLD_TOKEN_FILE"];
  if (process.env["COMMONHOLD_TOKEN"])
    return process.env["COMMONHOLD_TOKEN"];
  return file ? readFileSync(file, "utf8").trim() : void 0;
}

// dist/client/registry.js
var KINDS = {
  dict: (home, name) => new SharedDict(home, name),
  list: (home, name) => new SharedList(home, name),
  queue: (home, name) => new SharedQueue(home, name),
  value: (home, name) => new SharedValue(home, name, void 0),
  lock: (home, name) => new Lock(home, name)
};
function proxyOf(home, { kind, name }) {
  if (!Object.hasOwn(KINDS, kind))
    throw new InvalidArgumentError(`"${name}" is a ${kind}, a kind that this version does not know`);
  return KINDS[kind](home, name);
}

// dist/client/start.js
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// dist/client/paths.js
var DAEMON = new URL("../server/spawned.js", import.meta.url);
var PROCESS_WORKER = new URL("../client/workers/process-entry.js", import.meta.url);
var THREAD_WORKER = new URL("../client/workers/thread-entry.js", import.meta.url);

// dist/client/start.js
var GRACE_MS = 5e3;
async function startDaemon(options) {
  const directory = mkdtempSync(join(tmpdir(), "commonhold-"));
  const listen = [`unix:${join(directory, "manager.sock")}`, ...[options.listen ?? []].flat()];
  const child = spawn(process.execPath, [fileURLToPath(DAEMON)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = new Promise((resolve2) => child.once("exit", () => resolve2()));
  void exited.then(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const addresses = await listening(child, { listen, token: options.token, maxPayload: options.maxPayload });
    child.unref();
    child.channel?.unref();
    return { addresses, pid: child.pid, stop: () => stop(child, exited) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
function listening(child, options) {
  return new Promise((resolve2, reject) => {
    const failed = (why) => reject(new ManagerUnavailableError(`the manager did not start: ${why}`));
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code, signal) => failed(`its process ended with ${signal ?? `code ${code}`}`));
    child.once("message", (message) => {
      if ("error" in message)
        failed(message.error);
      else
        resolve2(message.addresses);
    });
    child.send(options);
  });
}
async function stop(child, exited) {
  child.ref();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await exited;
  clearTimeout(timer);
}

// dist/client/transport/connection.js
import { hostname } from "node:os";

// dist/client/transport/channel.js
import { connect as connectHttp2 } from "node:http2";
import { connect as connectSocket } from "node:net";
var STREAM_WINDOW = 8 * 1024 * 1024;
var Channel = class {
  address;
  events;
  #session;
  #stream;
  #deframer;
  #over = false;
  constructor(address, token, events) {
    this.address = address;
    this.events = events;
    const socket = "path" in address ? connectSocket(address.path) : connectSocket({ ...address, noDelay: true });
    this.#session = connectHttp2("http://commonhold", {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxFrameSize: 1024 * 1024, customSettings: { [SDK_SETTING]: 1 } },
      // Node's default of 10 MB would end the session with the first large payload.
      maxSessionMemory: Number.MAX_SAFE_INTEGER
    });
    this.#session.on("connect", () => this.#session.setLocalWindowSize(2 * STREAM_WINDOW));
    this.#session.on("error", (cause) => this.#end(new ManagerUnavailableError(`the connection failed: ${cause.message}`, { cause })));
    this.#session.on("close", () => this.#end(new ManagerUnavailableError("the manager closed the connection")));
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": CONNECT_PATH,
      te: "trailers",
      "content-type": "application/grpc",
      ...token === void 0 ? {} : { authorization: `Bearer ${token}` }
    });
    this.#deframer = new Deframer((message) => events.message(message));
    this.#stream.on("response", (headers) => this.#answered(headers));
    this.#stream.on("trailers", (headers) => this.#end(statusError(headers)));
    this.#stream.on("data", (chunk) => this.#receive(chunk));
    this.#stream.on("drain", () => events.drain());
    this.#stream.on("error", (cause) => this.#end(new ManagerUnavailableError(`the session stream failed: ${cause.message}`, { cause })));
    this.#stream.on("close", () => this.#end(new ManagerUnavailableError("the manager closed the session stream")));
  }
  /** Writes a message that has room for its prefix in front. False asks to wait for `drain`. */
  write(message) {
    writePrefix(message);
    return this.#stream.write(message);
  }
  /** Lets the program end, or not, while this channel is open. */
  hold(alive) {
    if (alive)
      this.#session.ref();
    else
      this.#session.unref();
  }
  /** Sends what is written, then ends the stream and the connection. */
  async close() {
    if (this.#session.destroyed)
      return;
    await new Promise((resolve2) => {
      this.#session.once("close", resolve2);
      this.#stream.end(() => this.#session.close());
      setTimeout(() => this.#session.destroy(), 1e3).unref();
    });
  }
  destroy() {
    this.#over = true;
    this.#session.destroy();
  }
  #receive(chunk) {
    try {
      this.#deframer.push(chunk);
    } catch (cause) {
      this.#end(new ProtocolError(`the manager sent ${cause.message}`, { cause }));
    }
  }
  #answered(headers) {
    if (headers[":status"] !== 200)
      this.#end(new ProtocolError(`HTTP status ${headers[":status"]}: this is no manager`));
    else if (headers["grpc-status"] !== void 0)
      this.#end(statusError(headers));
  }
  #end(error) {
    if (this.#over)
      return;
    this.#over = true;
    this.events.ended(error);
    this.#session.destroy();
  }
};
function statusError(headers) {
  const code = Number(headers["grpc-status"]);
  const message = decodeURIComponent(String(headers["grpc-message"] ?? ""));
  if (code === Status.UNAUTHENTICATED)
    return new UnauthenticatedError(message);
  if (code === Status.UNIMPLEMENTED)
    return new UnimplementedError(`this server has no sessions: ${message}`);
  if (code === Status.RESOURCE_EXHAUSTED)
    return new PayloadTooLargeError(message);
  if (code === Status.OK || code === Status.CANCELLED || code === Status.UNAVAILABLE)
    return new ManagerUnavailableError(message || "the manager ended the session");
  return new ProtocolError(`the manager ended the session (status ${code}): ${message}`);
}

// dist/client/transport/connection.js
var FRAME_BYTES = 8 * 1024;
var SWEEP_MS = 100;
var Connection = class {
  events;
  #reader = new Reader();
  #writer = new Writer();
  #pending = /* @__PURE__ */ new Map();
  /** Of answers whose items are taken one by one: how many are. */
  #progress = /* @__PURE__ */ new Map();
  #methods = /* @__PURE__ */ new Map();
  #channel;
  #frames = [];
  #formatted;
  #deadlineSweeps;
  #welcome;
  #maxMessageBytes = 0;
  #lastId = 0;
  #flushing = false;
  #writable = true;
  #sweeper;
  #sweeps = 0;
  #over;
  sessionId = "";
  constructor(address, { token, label, callTimeout }, events) {
    this.events = events;
    this.#formatted = formatAddress(address);
    this.#deadlineSweeps = Math.ceil(callTimeout / SWEEP_MS) + 1;
    this.#channel = new Channel(address, token, this);
    this.#writer.leave(PREFIX_BYTES);
    writeHello(this.#writer, { protocol: PROTOCOL, host: hostname(), pid: process.pid, label });
    this.#flush();
  }
  /** Resolves when calls can be made. */
  async open(timeoutMs) {
    let timer;
    try {
      await new Promise((resolve2, reject) => {
        this.#welcome = (error) => error ? reject(error) : resolve2();
        if (this.#over)
          reject(this.#over);
        timer = setTimeout(() => {
          reject(new ManagerUnavailableError(`no answer within ${timeoutMs} ms`));
          this.#channel.destroy();
        }, timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.#welcome = void 0;
    }
  }
  welcome(welcome) {
    this.sessionId = welcome.sessionId;
    this.#maxMessageBytes = welcome.maxMessageBytes;
    welcome.methods.forEach((name, index) => this.#methods.set(name, index));
    this.#wake();
    this.#welcome?.();
  }
  call(method, request, read, options) {
    return new Promise((resolve2, reject) => {
      const id = this.#nextId();
      this.#write(id, method, request, options);
      const pending = {
        method,
        read,
        resolve: resolve2,
        reject,
        options,
        deadline: method.blocking ? Infinity : this.#sweeps + this.#deadlineSweeps,
        onAbort: void 0
      };
      this.#pending.set(id, pending);
      if (options?.signal)
        this.#abortable(id, pending, options.signal);
      if (this.#sweeper === void 0)
        this.#wake();
    });
  }
  #nextId() {
    do
      this.#lastId = this.#lastId + 1 >>> 0;
    while (this.#lastId === 0 || this.#pending.has(this.#lastId));
    return this.#lastId;
  }
  /** Throws, with nothing written, what makes the call impossible. */
  #write(id, method, request, options) {
    if (this.#over)
      throw this.#over;
    const index = this.#methods.get(method.name);
    if (index === void 0)
      throw new UnimplementedError(`the manager at ${this.#formatted} does not know ${method.name}`, { method: method.name });
    const size = this.#writer.size;
    try {
      writeCall(this.#writer, id, index, method.input, request, options?.opening);
    } catch (cause) {
      this.#writer.rewind(size);
      throw new InvalidArgumentError(`the request cannot be written: ${cause.message}`, { cause, method: method.name });
    }
    const bytes = this.#writer.size - size;
    if (bytes > this.#maxMessageBytes) {
      this.#writer.rewind(size);
      throw new PayloadTooLargeError(`a call of ${bytes} bytes: the manager takes ${this.#maxMessageBytes} (its option --max-payload)`, { method: method.name });
    }
    if (this.#writer.size >= FRAME_BYTES)
      this.#closeFrame();
    this.#flushSoon();
  }
  #abortable(id, pending, signal) {
    pending.onAbort = () => {
      writeCancel(this.#writer, id);
      this.#flushSoon();
    };
    signal.addEventListener("abort", pending.onAbort, { once: true });
  }
  answer(id, response, reader) {
    const pending = this.#settle(id);
    if (!pending)
      return;
    const { method, options } = pending;
    if (method.takes && options?.signal?.aborted)
      return pending.reject(options.signal.reason);
    if (method.takes)
      this.#handedOver(id, options?.handOver);
    try {
      pending.resolve(pending.read(readSpan(reader, method.output, response)));
    } catch (error) {
      pending.reject(error);
    }
  }
  failure(id, error) {
    const pending = this.#settle(id);
    if (!pending)
      return;
    const signal = pending.options?.signal;
    if (signal?.aborted)
      return pending.reject(signal.reason);
    pending.reject(fromWire({ ...error, method: error.method || pending.method.name }, { address: this.#formatted }));
  }
  notice(notice) {
    if (notice.lostToken !== void 0)
      this.events.lost(notice.lostToken);
  }
  #settle(id) {
    const pending = this.#pending.get(id);
    if (!pending)
      return void 0;
    this.#pending.delete(id);
    if (pending.onAbort)
      pending.options.signal.removeEventListener("abort", pending.onAbort);
    return pending;
  }
  #handedOver(id, handOver) {
    if (!handOver)
      return this.#taken(id);
    handOver.arrived((count2) => count2 === void 0 ? this.#taken(id) : this.#progressed(id, count2), () => {
      this.#writeProgress();
      writeCancel(this.#writer, id);
      this.#flushSoon();
    });
  }
  #taken(id) {
    this.#progress.delete(id);
    writeTaken(this.#writer, { id });
    this.#flushSoon();
  }
  #progressed(id, count2) {
    this.#progress.set(id, count2);
    this.#flushSoon();
  }
  #writeProgress() {
    for (const [id, count2] of this.#progress)
      writeTaken(this.#writer, { id, count: count2 });
    this.#progress.clear();
  }
  #flushSoon() {
    if (this.#flushing)
      return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }
  #flush() {
    this.#flushing = false;
    if (this.#over)
      return;
    if (this.#progress.size > 0)
      this.#writeProgress();
    this.#closeFrame();
    while (this.#writable && this.#frames.length > 0)
      this.#writable = this.#channel.write(this.#frames.shift());
  }
  /** Closes the frame under way, if anything is in it, and begins the next. */
  #closeFrame() {
    if (this.#writer.size === PREFIX_BYTES)
      return;
    this.#frames.push(this.#writer.take());
    this.#writer.leave(PREFIX_BYTES);
  }
  drain() {
    this.#writable = true;
    this.#flush();
  }
  message(message) {
    try {
      readServerFrame(this.#reader, this.#reader.reset(message), this);
    } catch (cause) {
      this.ended(new ProtocolError(`the manager sent a frame that cannot be read: ${cause.message}`, { cause }));
      this.#channel.destroy();
    }
  }
  /** Keeps the program alive from now on, until a sweep finds nothing unanswered. */
  #wake() {
    this.#channel.hold(true);
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }
  /** Gives up the calls whose time is over. Counts sweeps, not time: a busy event loop expires nothing. */
  #sweep() {
    this.#sweeps++;
    for (const [id, pending] of this.#pending) {
      if (pending.deadline > this.#sweeps)
        continue;
      this.#settle(id);
      const { name, idempotency } = pending.method;
      pending.reject(new ManagerUnavailableError("no answer within callTimeout", { method: name, address: this.#formatted, mayHaveExecuted: idempotency !== "read" }));
    }
    if (this.#pending.size > 0)
      return;
    clearInterval(this.#sweeper);
    this.#sweeper = void 0;
    this.#channel.hold(false);
  }
  ended(reason) {
    if (this.#over)
      return;
    this.#over = reason;
    clearInterval(this.#sweeper);
    this.#welcome?.(reason);
    for (const [id, { method, options, reject }] of [...this.#pending]) {
      this.#settle(id);
      if (options?.signal?.aborted)
        reject(options.signal.reason);
      else
        reject(reason instanceof ClosedError ? reason : this.#expired(method, reason));
    }
    this.events.ended(reason);
  }
  #expired({ name, idempotency }, cause) {
    const info = { cause, method: name, address: this.#formatted, mayHaveExecuted: idempotency !== "read" };
    return new SessionExpiredError(`the session ended with the call unanswered: ${cause.message}`, info);
  }
  /** Leaves in order: calls made before are sent, unanswered ones fail. */
  async close(reason) {
    if (this.#over)
      return;
    this.#channel.hold(true);
    this.#writeProgress();
    writeGoodbye(this.#writer);
    this.#closeFrame();
    for (const frame of this.#frames.splice(0))
      this.#channel.write(frame);
    this.ended(reason);
    await this.#channel.close();
  }
};

// dist/client/transport/session.js
var BACKOFF_MS = { first: 20, most: 1e3 };
var SessionTransport = class {
  options;
  events;
  address;
  #targets;
  #connection;
  #connecting;
  #sessions = 0;
  #sessionId = "";
  #holds = /* @__PURE__ */ new Map();
  #closed;
  #closing;
  constructor(addresses, options, events) {
    this.options = options;
    this.events = events;
    this.#targets = addresses.map(parseAddress);
    this.address = formatAddress(this.#targets[0]);
  }
  get sessionId() {
    return this.#sessionId;
  }
  /** Whether calls go out at once. */
  get connected() {
    return this.#connection !== void 0;
  }
  get reconnecting() {
    return this.#connecting !== void 0;
  }
  call(method, request, read, options) {
    const signal = options?.signal;
    if (signal?.aborted)
      return Promise.reject(signal.reason);
    if (this.#closed)
      return Promise.reject(this.#closed);
    if (this.#connection)
      return this.#connection.call(method, request, read, options);
    return this.connect().then((connection) => {
      signal?.throwIfAborted();
      return connection.call(method, request, read, options);
    });
  }
  /** Opens a session where there is none. Callers are served in the order they came. */
  connect() {
    if (this.#connection)
      return Promise.resolve(this.#connection);
    this.#connecting ??= this.#open().finally(() => this.#connecting = void 0);
    return this.#connecting;
  }
  async #open() {
    const first = this.#sessions === 0;
    const deadline = performance.now() + this.options.callTimeout;
    for (let pause = BACKOFF_MS.first, turn = 0; ; pause = Math.min(pause * 2, BACKOFF_MS.most), turn++) {
      try {
        return await this.#attempt(this.#targets[turn % this.#targets.length], deadline - performance.now());
      } catch (error) {
        const patient = turn + 1 < this.#targets.length || !first && this.options.reconnect;
        if (this.#closed)
          throw this.#closed;
        if (!(error instanceof ManagerUnavailableError) || !patient || performance.now() + pause > deadline)
          throw error;
      }
      await new Promise((resolve2) => setTimeout(resolve2, pause));
    }
  }
  async #attempt(target, timeoutMs) {
    const formatted = formatAddress(target);
    const connection = new Connection(target, this.options, {
      lost: (token) => this.#lost(token, new ClosedError("the lease ended")),
      ended: (reason) => this.#ended(connection, reason)
    });
    try {
      await connection.open(Math.max(timeoutMs, 1));
    } catch (error) {
      if (!(error instanceof ManagerUnavailableError))
        throw error;
      throw new ManagerUnavailableError(`no manager at ${formatted}: ${error.message}; is one running (commonhold serve)?`, { cause: error.cause, address: formatted });
    }
    if (this.#closed) {
      await connection.close(this.#closed);
      throw this.#closed;
    }
    this.#connection = connection;
    this.#sessionId = connection.sessionId;
    this.events.connected(this.#sessions++ === 0);
    return connection;
  }
  #ended(connection, reason) {
    if (this.#connection !== connection)
      return;
    this.#connection = void 0;
    for (const token of [...this.#holds.keys()])
      this.#lost(token, reason);
    if (!this.#closed)
      this.events.expired(reason);
  }
  onLost(token, told) {
    this.#holds.set(token, told);
    return () => this.#holds.delete(token);
  }
  #lost(token, reason) {
    const told = this.#holds.get(token);
    this.#holds.delete(token);
    told?.(reason);
  }
  close() {
    this.#closed ??= new ClosedError("this manager was closed by its program");
    this.#closing ??= this.#connection?.close(this.#closed) ?? Promise.resolve();
    return this.#closing;
  }
};

// dist/client/workers/process.js
import { fork } from "node:child_process";
import { fileURLToPath as fileURLToPath3 } from "node:url";

// dist/client/workers/worker.js
import { basename, resolve } from "node:path";
import { fileURLToPath as fileURLToPath2, pathToFileURL } from "node:url";

// dist/client/workers/messages.js
async function encodeTask(manager, module, args) {
  await manager.prepared();
  return { module, address: manager.address, args };
}
function encodeResult(value) {
  return encodePayload([value]);
}
function decodeResult(manager, payload) {
  return decode(manager, payload)[0];
}
function decode(manager, payload) {
  return decodePayload(payload, { open: (reference) => manager.open(reference) });
}

// dist/client/workers/worker.js
var RunningWorker = class {
  name;
  result;
  exitCode;
  exitSignal;
  #vessel;
  #exited;
  #alive = true;
  constructor(manager, module, args, launch) {
    const url = moduleUrl(module);
    const encoded = encodePayload(args);
    const result = deferred();
    const exited = deferred();
    result.promise.catch(() => {
    });
    this.result = result.promise;
    this.#exited = exited.promise;
    this.#vessel = launch({
      outcome: (outcome) => {
        if ("result" in outcome)
          result.resolve(decodeResult(manager, outcome.result));
        else
          result.reject(decodeResult(manager, outcome.error));
      },
      failed: (error) => result.reject(new WorkerDiedError(`${this.name} failed: ${error.message}`, { cause: error })),
      exited: (code, signal) => {
        this.#alive = false;
        this.exitCode = code;
        this.exitSignal = signal;
        result.reject(new WorkerDiedError(`${this.name} ended with ${signal ?? `code ${code}`} before it gave a result`));
        exited.resolve();
      }
    });
    this.name = `${basename(fileURLToPath2(url))}:${this.#vessel.pid ?? this.#vessel.threadId}`;
    encodeTask(manager, url, encoded).then((task) => this.#vessel.start(task), (error) => {
      result.reject(error);
      this.#vessel.kill();
    });
  }
  get pid() {
    return this.#vessel.pid;
  }
  get threadId() {
    return this.#vessel.threadId;
  }
  get isAlive() {
    return this.#alive;
  }
  async join({ timeout, signal } = {}) {
    signal?.throwIfAborted();
    const ms = milliseconds("timeout", timeout);
    if (!this.#alive)
      return;
    const ended = deferred();
    const abort = () => ended.reject(signal.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const late = () => ended.reject(new TimeoutError(`${this.name} still runs after ${ms} ms`));
    const timer = ms === void 0 ? void 0 : setTimeout(late, Math.min(ms, 2 ** 31 - 1));
    try {
      await Promise.race([this.#exited, ended.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
  terminate() {
    if (this.#alive)
      this.#vessel.terminate();
    return this.#exited;
  }
  kill() {
    if (this.#alive)
      this.#vessel.kill();
    return this.#exited;
  }
  [Symbol.asyncDispose]() {
    return this.terminate();
  }
};
function deferred() {
  let resolve2;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve2 = yes;
    reject = no;
  });
  return { promise, resolve: resolve2, reject };
}
function moduleUrl(module) {
  if (module instanceof URL)
    return module.href;
  return module.startsWith("file:") ? module : pathToFileURL(resolve(module)).href;
}

// dist/client/workers/process.js
function forkWorker(manager, module, args) {
  return new RunningWorker(manager, module, args, (events) => {
    const env = { ...process.env, COMMONHOLD_ADDRESS: manager.address };
    if (manager.token !== void 0)
      env["COMMONHOLD_TOKEN"] = manager.token;
    const child = fork(fileURLToPath3(PROCESS_WORKER), { env, serialization: "advanced" });
    child.on("message", (outcome) => events.outcome(outcome));
    child.on("error", (error) => events.failed(error));
    child.on("exit", (code, signal) => events.exited(code ?? void 0, signal ?? void 0));
    return {
      pid: child.pid,
      threadId: void 0,
      // A child that is gone already reports its end by itself.
      start: (task) => void (child.connected && child.send(task, () => {
      })),
      terminate: () => void child.kill("SIGTERM"),
      kill: () => void child.kill("SIGKILL")
    };
  });
}

// dist/client/workers/thread.js
import { Worker } from "node:worker_threads";
function startThread(manager, module, args) {
  return new RunningWorker(manager, module, args, (events) => {
    const worker = new Worker(THREAD_WORKER);
    const { threadId } = worker;
    worker.on("message", (outcome) => events.outcome(outcome));
    worker.on("error", (error) => events.failed(error));
    worker.on("exit", (code) => events.exited(code, void 0));
    const stop2 = () => void worker.terminate();
    return { pid: void 0, threadId, start: (task) => worker.postMessage(task), terminate: stop2, kill: stop2 };
  });
}

// dist/client/manager.js
var Manager = class _Manager {
  #transport;
  #daemon;
  #home;
  #emitter = new EventEmitter();
  #preparing = /* @__PURE__ */ new Set();
  #closed = false;
  /** @internal */
  constructor(transport, token, daemon) {
    this.#transport = transport;
    this.#daemon = daemon;
    Object.defineProperty(this, "token", { value: token, enumerable: false });
    this.#home = {
      transport,
      freeze: process.env["NODE_ENV"] !== "production",
      open: (reference) => this.open(reference),
      preparing: (call) => this.#prepare(call)
    };
  }
  /**
   * Starts a manager process of our own and connects to it. It ends with this program, however that ends.
   * @throws ManagerUnavailableError when it does not start; InvalidArgumentError for a wrong option
   */
  static async start(options = {}) {
    const daemon = await startDaemon(options);
    try {
      return await _Manager.#open(daemon.addresses, { ...options, reconnect: false }, daemon);
    } catch (error) {
      await daemon.stop();
      throw error;
    }
  }
  /**
   * Connects to a running manager.
   * @param address `HOST:PORT` or `unix:PATH`, or several to try in order. Default: COMMONHOLD_ADDRESS,
   * then the socket on which this user's manager listens.
   * @throws ManagerUnavailableError when nobody answers there; UnauthenticatedError for a wrong token
   */
  static connect(address, options = {}) {
    return _Manager.#open(address, options);
  }
  static async #open(address, options, daemon) {
    const manager = _Manager.lazy(address, options, daemon);
    await manager.#transport.connect();
    return manager;
  }
  /** @internal A manager that connects with its first call. */
  static lazy(address, options = {}, daemon) {
    const resolved = resolveConnect(address, options);
    const transport = new SessionTransport(resolved.addresses, resolved.options, {
      connected: (first) => {
        if (!first)
          manager.#emitter.emit("resumed");
      },
      expired: (reason) => manager.#emitter.emit("expired", reason)
    });
    const manager = new _Manager(transport, resolved.options.token, daemon);
    if (manager.token !== void 0)
      setEnvironmentData(tokenKey(transport.address), manager.token);
    return manager;
  }
  /** Address of the manager, to hand to other programs. */
  get address() {
    return this.#transport.address;
  }
  /** Process id of the manager that {@link start} made. */
  get daemonPid() {
    return this.#daemon?.pid;
  }
  /** Identity of this client with the manager. */
  get sessionId() {
    return this.#transport.sessionId;
  }
  get state() {
    if (this.#closed)
      return "closed";
    if (!(this.#transport instanceof SessionTransport) || this.#transport.connected)
      return "connected";
    return this.#transport.reconnecting ? "reconnecting" : "expired";
  }
  /** A shared dict; without a name, a new one. No round trip. */
  dict(name, _options = {}) {
    return new SharedDict(this.#home, name ?? unnamed());
  }
  /** A shared list; without a name, a new one. No round trip. */
  list(name, _options = {}) {
    return new SharedList(this.#home, name ?? unnamed());
  }
  /** A shared queue; without a name, a new one. No round trip. */
  queue(name, options = {}) {
    return new SharedQueue(this.#home, name ?? unnamed(), options);
  }
  /**
   * A shared value; without a name, a new one. No round trip.
   * @param initial what it holds if it does not exist yet
   * @throws OutOfRangeError, InvalidArgumentError where the initial value is none of its type
   */
  value(name, initial, options = {}) {
    return new SharedValue(this.#home, name ?? unnamed(), { value: initial }, options);
  }
  /** A shared lock; without a name, a new one. No round trip. */
  lock(name, _options = {}) {
    return new Lock(this.#home, name ?? unnamed());
  }
  /**
   * The proxy that a reference stands for. No round trip.
   * @throws InvalidArgumentError for a kind this version does not know
   */
  open(reference) {
    return proxyOf(this.#home, reference);
  }
  /**
   * Runs the default export of a module in a child process. Arguments and result are copied, proxies
   * arrive as working proxies; the child connects by itself.
   * @param module an absolute file URL, as of `new URL('./worker.js', import.meta.url)`, or a path
   */
  fork(module, ...args) {
    return forkWorker(this, module, args);
  }
  /** Runs the default export of a module in a worker thread; otherwise as {@link fork}. */
  thread(module, ...args) {
    return startThread(this, module, args);
  }
  /** The objects of the manager, in the order of their names; a round trip for each 1,000. */
  async *objects(filter = {}) {
    let pageToken = "";
    do {
      const request = { kind: filter.kind ?? "", match: filter.match ?? "", pageToken, pageSize: 0 };
      const page = await this.#transport.call(ManagerService.methods.listObjects, request, asItIs);
      yield* page.objects.map(infoOf);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }
  /** Counts over the whole manager. One round trip. */
  async stats() {
    const { uptimeMs, residentBytes, heapBytes, ...counts } = await this.#transport.call(ManagerService.methods.stats, {}, asItIs);
    return { ...counts, uptime: uptimeMs, memory: { resident: residentBytes, heap: heapBytes } };
  }
  on(event, listener) {
    this.#emitter.on(event, listener);
    return this;
  }
  off(event, listener) {
    this.#emitter.off(event, listener);
    return this;
  }
  /**
   * Ends this session, which releases all it holds, and the manager itself if {@link start} made it.
   * Calls without an answer reject with ClosedError.
   */
  async close() {
    this.#closed = true;
    await this.#transport.close();
    await this.#daemon?.stop();
  }
  [Symbol.asyncDispose]() {
    return this.close();
  }
  /** @internal Resolves when all objects that references were made of are there for others. */
  async prepared() {
    await Promise.all(this.#preparing);
  }
  #prepare(call) {
    this.#preparing.add(call);
    call.catch(() => {
    }).finally(() => this.#preparing.delete(call));
  }
};
function unnamed() {
  return `~${randomUUID()}`;
}

// dist/client/share.js
function share(data) {
  return { payload: encodePayload([data]) };
}
function receive(data) {
  const open = (reference) => managerAt(reference.address).open(reference);
  return decodePayload(data.payload, { open })[0];
}
var managers = /* @__PURE__ */ new Map();
function managerAt(address) {
  let manager = managers.get(address);
  if (manager === void 0 || manager.state === "closed") {
    manager = Manager.lazy(address);
    managers.set(address, manager);
  }
  return manager;
}

export {
  SharedDict,
  Held,
  Lock,
  SharedList,
  SharedQueue,
  SharedValue,
  HeldValue,
  encodeResult,
  decode,
  Manager,
  share,
  receive,
  managerAt
};
