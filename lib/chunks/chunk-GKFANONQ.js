import {
  CancelledError,
  DictService,
  InvalidArgumentError,
  ListService,
  LockService,
  MalformedError,
  ManagerError,
  ManagerService,
  QueueService,
  SessionExpiredError,
  UnimplementedError,
  ValueService
} from "./chunk-2GGWTFG2.js";

// dist/proto/methods.js
var services = [ManagerService, DictService, ListService, QueueService, ValueService, LockService];
var methods = services.flatMap((service) => Object.values(service.methods));
var byName = new Map(methods.map((method) => [method.name, method]));
var openers = new Map(methods.filter((method) => method.name.endsWith("/Open")).map((method) => [method.service, method]));
function openerOf(method) {
  return openers.get(method.service);
}

// dist/server/session/calls.js
var Call = class {
  session;
  readOnly = false;
  cancel;
  giveBack;
  taken = 0;
  constructor(session) {
    this.session = session;
  }
  handOver(giveBack) {
    this.giveBack = giveBack;
  }
};
var SessionCalls = class {
  session;
  outcomes;
  /** Calls that wait, and answered ones whose handover is unacknowledged. */
  #open = /* @__PURE__ */ new Map();
  #ended = false;
  constructor(session, outcomes) {
    this.session = session;
    this.outcomes = outcomes;
  }
  /** Calls that wait. */
  waiting = 0;
  has(id) {
    return this.#open.has(id);
  }
  start(id, route, request, opening) {
    const call = new Call(this.session);
    let result;
    try {
      const opened = opening?.handler(opening.request, call);
      result = opened instanceof Promise ? opened.then(() => route.handler(request, call)) : route.handler(request, call);
    } catch (error) {
      this.outcomes.fail(id, asManagerError(error));
      return;
    }
    if (result instanceof Promise)
      this.#wait(id, call, route.method, result);
    else
      this.#answer(id, call, route.method, result);
  }
  #wait(id, call, method, result) {
    this.#open.set(id, call);
    this.waiting++;
    result.then((response) => {
      this.waiting--;
      this.#open.delete(id);
      if (this.#ended)
        call.giveBack?.(0);
      else
        this.#answer(id, call, method, response);
    }, (error) => {
      this.waiting--;
      this.#open.delete(id);
      if (!this.#ended)
        this.outcomes.fail(id, asManagerError(error));
    });
  }
  #answer(id, call, method, response) {
    if (call.giveBack)
      this.#open.set(id, call);
    this.outcomes.answer(id, method, response);
  }
  /** The client gives a call up: one that waits fails as cancelled, what an answered one took goes back. */
  cancel(id) {
    const call = this.#open.get(id);
    if (call?.cancel) {
      call.cancel(new CancelledError("cancelled by the caller"));
    } else if (call?.giveBack) {
      this.#open.delete(id);
      call.giveBack(call.taken);
    }
  }
  /** The client acknowledges what an answer handed over: all, or the first `count` items. */
  acknowledge(id, count) {
    const call = this.#open.get(id);
    if (!call?.giveBack || call.cancel)
      return;
    if (count === void 0)
      this.#open.delete(id);
    else
      call.taken = Math.max(call.taken, count);
  }
  /** Fails all calls that wait. */
  failWaiting(reason) {
    for (const call of [...this.#open.values()])
      call.cancel?.(reason);
  }
  /** The session is over: nothing waits any more, and what nobody took goes back. */
  end() {
    this.#ended = true;
    const calls = [...this.#open.values()].reverse();
    this.#open.clear();
    for (const call of calls)
      call.cancel?.(new SessionExpiredError("the session ended"));
    for (const call of calls)
      call.giveBack?.(call.taken);
  }
};
function routesOf(engine, methods2) {
  return methods2.map((method) => ({ method, handler: engine.handler(method) ?? refuse(method) }));
}
function refuse(method) {
  return () => {
    throw new UnimplementedError(`this manager does not offer ${method.name}`, { method: method.name });
  };
}
function asManagerError(error) {
  if (error instanceof ManagerError)
    return error;
  if (error instanceof MalformedError)
    return new InvalidArgumentError(`malformed request: ${error.message}`);
  return new ManagerError(`a defect in the manager: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

// dist/engine/session.js
var Session = class {
  id;
  lost;
  holds = /* @__PURE__ */ new Set();
  host;
  pid;
  label;
  constructor(id, about = {}, lost = () => {
  }) {
    this.id = id;
    this.lost = lost;
    this.host = about.host ?? "";
    this.pid = about.pid ?? 0;
    this.label = about.label ?? "";
  }
  /** Releases all that is held. */
  end() {
    for (const hold of this.holds)
      hold.abandon();
    this.holds.clear();
  }
};

export {
  services,
  methods,
  openerOf,
  SessionCalls,
  routesOf,
  asManagerError,
  Session
};
