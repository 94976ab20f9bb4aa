// dist/proto/status.js
var Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16
};

// dist/proto/errors.js
var BRAND = /* @__PURE__ */ Symbol.for("commonhold.error");
var ManagerError = class extends Error {
  static code = "INTERNAL";
  static retryable = false;
  /** What went wrong, for programs: `QUEUE_EMPTY`, `NOT_FOUND`, … */
  code;
  /** The same call may succeed when made again. */
  retryable;
  /** The call may have had an effect although it failed. */
  mayHaveExecuted;
  constructor(message, info = {}) {
    super(message, info.cause === void 0 ? void 0 : { cause: info.cause });
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true });
    this.code = new.target.code;
    this.retryable = info.retryable ?? new.target.retryable;
    this.mayHaveExecuted = info.mayHaveExecuted ?? false;
    for (const key of ["object", "method", "address", "accepted"]) {
      const value = info[key];
      if (value !== void 0 && value !== "")
        Object.defineProperty(this, key, { value, enumerable: true, configurable: true });
    }
  }
  /** @internal The names of its classes: two copies of the package have two of each class. */
  get [BRAND]() {
    const names = [];
    let type = this.constructor;
    while (type.prototype instanceof Error) {
      names.push(type.name);
      type = Object.getPrototypeOf(type);
    }
    return names;
  }
  static [Symbol.hasInstance](value) {
    const names = value?.[BRAND];
    return Array.isArray(names) && names.includes(this.name);
  }
};
var InvalidArgumentError = class extends ManagerError {
  static code = "INVALID_ARGUMENT";
};
var OutOfRangeError = class extends ManagerError {
  static code = "OUT_OF_RANGE";
};
var NotFoundError = class extends ManagerError {
  static code = "NOT_FOUND";
};
var AlreadyExistsError = class extends ManagerError {
  static code = "ALREADY_EXISTS";
};
var KindMismatchError = class extends ManagerError {
  static code = "KIND_MISMATCH";
};
var OptionsConflictError = class extends ManagerError {
  static code = "OPTIONS_CONFLICT";
};
var TimeoutError = class extends ManagerError {
  static code = "TIMEOUT";
  static retryable = true;
};
var QueueEmptyError = class extends TimeoutError {
  static code = "QUEUE_EMPTY";
};
var QueueFullError = class extends TimeoutError {
  static code = "QUEUE_FULL";
};
var QueueShutDownError = class extends ManagerError {
  static code = "QUEUE_SHUT_DOWN";
};
var CancelledError = class extends ManagerError {
  static code = "CANCELLED";
};
var NotOwnerError = class extends ManagerError {
  static code = "NOT_OWNER";
};
var LockLostError = class extends ManagerError {
  static code = "LOCK_LOST";
};
var PayloadTooLargeError = class extends ManagerError {
  static code = "PAYLOAD_TOO_LARGE";
};
var LimitExceededError = class extends ManagerError {
  static code = "LIMIT_EXCEEDED";
  static retryable = true;
};
var ManagerUnavailableError = class extends ManagerError {
  static code = "MANAGER_UNAVAILABLE";
  static retryable = true;
};
var SessionExpiredError = class extends ManagerError {
  static code = "SESSION_EXPIRED";
  static retryable = true;
};
var UnauthenticatedError = class extends ManagerError {
  static code = "UNAUTHENTICATED";
};
var PermissionDeniedError = class extends ManagerError {
  static code = "PERMISSION_DENIED";
};
var UnimplementedError = class extends ManagerError {
  static code = "UNIMPLEMENTED";
};
var WorkerDiedError = class extends ManagerError {
  static code = "WORKER_DIED";
};
var ClosedError = class extends ManagerError {
  static code = "CLOSED";
};
var ProtocolError = class extends ManagerError {
  static code = "PROTOCOL";
};
var TABLE = {
  INTERNAL: { wire: 1, status: Status.INTERNAL, type: ManagerError },
  INVALID_ARGUMENT: { wire: 2, status: Status.INVALID_ARGUMENT, type: InvalidArgumentError },
  OUT_OF_RANGE: { wire: 3, status: Status.OUT_OF_RANGE, type: OutOfRangeError },
  NOT_FOUND: { wire: 4, status: Status.NOT_FOUND, type: NotFoundError },
  ALREADY_EXISTS: { wire: 5, status: Status.ALREADY_EXISTS, type: AlreadyExistsError },
  KIND_MISMATCH: { wire: 6, status: Status.FAILED_PRECONDITION, type: KindMismatchError },
  OPTIONS_CONFLICT: { wire: 7, status: Status.FAILED_PRECONDITION, type: OptionsConflictError },
  TIMEOUT: { wire: 8, status: Status.DEADLINE_EXCEEDED, type: TimeoutError },
  QUEUE_EMPTY: { wire: 9, status: Status.DEADLINE_EXCEEDED, type: QueueEmptyError },
  QUEUE_FULL: { wire: 10, status: Status.DEADLINE_EXCEEDED, type: QueueFullError },
  QUEUE_SHUT_DOWN: { wire: 11, status: Status.FAILED_PRECONDITION, type: QueueShutDownError },
  CANCELLED: { wire: 12, status: Status.CANCELLED, type: CancelledError },
  NOT_OWNER: { wire: 13, status: Status.FAILED_PRECONDITION, type: NotOwnerError },
  LOCK_LOST: { wire: 14, status: Status.ABORTED, type: LockLostError },
  PAYLOAD_TOO_LARGE: { wire: 15, status: Status.RESOURCE_EXHAUSTED, type: PayloadTooLargeError },
  LIMIT_EXCEEDED: { wire: 16, status: Status.RESOURCE_EXHAUSTED, type: LimitExceededError },
  MANAGER_UNAVAILABLE: { wire: 17, status: Status.UNAVAILABLE, type: ManagerUnavailableError },
  SESSION_EXPIRED: { wire: 18, status: Status.ABORTED, type: SessionExpiredError },
  UNAUTHENTICATED: { wire: 19, status: Status.UNAUTHENTICATED, type: UnauthenticatedError },
  PERMISSION_DENIED: { wire: 20, status: Status.PERMISSION_DENIED, type: PermissionDeniedError },
  UNIMPLEMENTED: { wire: 21, status: Status.UNIMPLEMENTED, type: UnimplementedError },
  WORKER_DIED: { wire: 22, status: Status.ABORTED, type: WorkerDiedError },
  CLOSED: { wire: 23, status: Status.FAILED_PRECONDITION, type: ClosedError },
  PROTOCOL: { wire: 24, status: Status.INVALID_ARGUMENT, type: ProtocolError }
};
var BY_WIRE = new Map(Object.values(TABLE).map((entry) => [entry.wire, entry]));
function statusOf(code) {
  return TABLE[code].status;
}
function toWire(error) {
  return {
    code: TABLE[error.code].wire,
    message: error.message,
    object: error.object ?? "",
    method: error.method ?? "",
    retryable: error.retryable,
    mayHaveExecuted: error.mayHaveExecuted,
    accepted: error.accepted
  };
}
function fromWire(wire, info = {}) {
  const { type } = BY_WIRE.get(wire.code) ?? TABLE.INTERNAL;
  return new type(wire.message, { ...wire, ...info });
}

// dist/proto/wire/codec.js
var EMPTY = new Uint8Array(0);
function defineMethod(method) {
  return method;
}
var MalformedError = class extends Error {
  name = "MalformedError";
};
function missingField(message, field) {
  return new MalformedError(`${message} has no ${field}: it must be given`);
}

// dist/proto/gen/commonhold/v1/lock_wire.js
var Holder = {
  typeName: "commonhold.v1.Holder",
  write(w, m) {
    if (m.token !== 0)
      w.uint64(8, m.token);
    if (m.sessionId !== "")
      w.string(18, m.sessionId);
    if (m.host !== "")
      w.string(26, m.host);
    if (m.pid !== 0)
      w.uint32(32, m.pid);
    if (m.label !== "")
      w.string(42, m.label);
    if (m.heldMs !== 0)
      w.uint32(48, m.heldMs);
    if (m.leaseRemainingMs !== void 0) {
      w.uint32(56, m.leaseRemainingMs);
    }
  },
  read(r, end) {
    let token_ = 0;
    let sessionId_ = "";
    let host_ = "";
    let pid_ = 0;
    let label_ = "";
    let heldMs_ = 0;
    let leaseRemainingMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          token_ = r.uint64();
          break;
        case 18:
          sessionId_ = r.string();
          break;
        case 26:
          host_ = r.string();
          break;
        case 32:
          pid_ = r.uint32();
          break;
        case 42:
          label_ = r.string();
          break;
        case 48:
          heldMs_ = r.uint32();
          break;
        case 56:
          leaseRemainingMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { token: token_, sessionId: sessionId_, host: host_, pid: pid_, label: label_, heldMs: heldMs_, leaseRemainingMs: leaseRemainingMs_ };
  }
};
var LockServiceOpenRequest = {
  typeName: "commonhold.v1.LockServiceOpenRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.exclusive !== false)
      w.bool(16, m.exclusive);
  },
  read(r, end) {
    let name_ = "";
    let exclusive_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          exclusive_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, exclusive: exclusive_ };
  }
};
var LockServiceOpenResponse = {
  typeName: "commonhold.v1.LockServiceOpenResponse",
  write(w, m) {
    if (m.created !== false)
      w.bool(8, m.created);
  },
  read(r, end) {
    let created_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          created_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { created: created_ };
  }
};
var LockServiceAcquireRequest = {
  typeName: "commonhold.v1.LockServiceAcquireRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.timeoutMs !== void 0) {
      w.uint32(16, m.timeoutMs);
    }
    if (m.leaseMs !== void 0) {
      w.uint32(24, m.leaseMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let timeoutMs_;
    let leaseMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          timeoutMs_ = r.uint32();
          break;
        case 24:
          leaseMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, timeoutMs: timeoutMs_, leaseMs: leaseMs_ };
  }
};
var LockServiceAcquireResponse = {
  typeName: "commonhold.v1.LockServiceAcquireResponse",
  write(w, m) {
    if (m.token !== 0)
      w.uint64(8, m.token);
    if (m.abandoned !== false)
      w.bool(16, m.abandoned);
  },
  read(r, end) {
    let token_ = 0;
    let abandoned_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          token_ = r.uint64();
          break;
        case 16:
          abandoned_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { token: token_, abandoned: abandoned_ };
  }
};
var LockServiceReleaseRequest = {
  typeName: "commonhold.v1.LockServiceReleaseRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.token !== 0)
      w.uint64(16, m.token);
  },
  read(r, end) {
    let name_ = "";
    let token_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          token_ = r.uint64();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, token: token_ };
  }
};
var LockServiceReleaseResponse = {
  typeName: "commonhold.v1.LockServiceReleaseResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var LockServiceExtendRequest = {
  typeName: "commonhold.v1.LockServiceExtendRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.token !== 0)
      w.uint64(16, m.token);
    if (m.leaseMs !== 0)
      w.uint32(24, m.leaseMs);
  },
  read(r, end) {
    let name_ = "";
    let token_ = 0;
    let leaseMs_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          token_ = r.uint64();
          break;
        case 24:
          leaseMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, token: token_, leaseMs: leaseMs_ };
  }
};
var LockServiceExtendResponse = {
  typeName: "commonhold.v1.LockServiceExtendResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var LockServiceHolderRequest = {
  typeName: "commonhold.v1.LockServiceHolderRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var LockServiceHolderResponse = {
  typeName: "commonhold.v1.LockServiceHolderResponse",
  write(w, m) {
    if (m.holder !== void 0) {
      const at1 = w.open(10);
      Holder.write(w, m.holder);
      w.close(at1);
    }
    if (m.waiters !== 0)
      w.uint32(16, m.waiters);
  },
  read(r, end) {
    let holder_;
    let waiters_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          holder_ = Holder.read(r, r.limit());
          break;
        case 16:
          waiters_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { holder: holder_, waiters: waiters_ };
  }
};
var LockService = {
  typeName: "commonhold.v1.LockService",
  methods: {
    /**
     * Makes sure that the lock exists.
     *
     * @generated from rpc commonhold.v1.LockService.Open
     */
    open: defineMethod({
      name: "commonhold.v1.LockService/Open",
      service: "commonhold.v1.LockService",
      input: LockServiceOpenRequest,
      output: LockServiceOpenResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Takes the lock; waits for it. TIMEOUT when the timeout ends first.
     *
     * @generated from rpc commonhold.v1.LockService.Acquire
     */
    acquire: defineMethod({
      name: "commonhold.v1.LockService/Acquire",
      service: "commonhold.v1.LockService",
      input: LockServiceAcquireRequest,
      output: LockServiceAcquireResponse,
      idempotency: "unknown",
      blocking: true,
      takes: true
    }),
    /**
     * Frees the lock. NOT_OWNER when the token does not hold it, LOCK_LOST when its lease ended.
     *
     * @generated from rpc commonhold.v1.LockService.Release
     */
    release: defineMethod({
      name: "commonhold.v1.LockService/Release",
      service: "commonhold.v1.LockService",
      input: LockServiceReleaseRequest,
      output: LockServiceReleaseResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Sets the lease of a hold to end in so many milliseconds from now.
     *
     * @generated from rpc commonhold.v1.LockService.Extend
     */
    extend: defineMethod({
      name: "commonhold.v1.LockService/Extend",
      service: "commonhold.v1.LockService",
      input: LockServiceExtendRequest,
      output: LockServiceExtendResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Who holds the lock, and how many wait for it.
     *
     * @generated from rpc commonhold.v1.LockService.Holder
     */
    holder: defineMethod({
      name: "commonhold.v1.LockService/Holder",
      service: "commonhold.v1.LockService",
      input: LockServiceHolderRequest,
      output: LockServiceHolderResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    })
  }
};

// dist/proto/gen/commonhold/v1/manager_wire.js
var ObjectInfo = {
  typeName: "commonhold.v1.ObjectInfo",
  write(w, m) {
    if (m.kind !== "")
      w.string(10, m.kind);
    if (m.name !== "")
      w.string(18, m.name);
    if (m.size !== 0)
      w.uint32(24, m.size);
    if (m.ageMs !== 0)
      w.double(33, m.ageMs);
    for (const item of m.holders) {
      const at5 = w.open(42);
      Holder.write(w, item);
      w.close(at5);
    }
    if (m.waiters !== 0)
      w.uint32(48, m.waiters);
    for (const key in m.options) {
      const at = w.open(58);
      w.string(10, key);
      w.string(18, m.options[key]);
      w.close(at);
    }
  },
  read(r, end) {
    let kind_ = "";
    let name_ = "";
    let size_ = 0;
    let ageMs_ = 0;
    const holders_ = [];
    let waiters_ = 0;
    const options_ = {};
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          kind_ = r.string();
          break;
        case 18:
          name_ = r.name();
          break;
        case 24:
          size_ = r.uint32();
          break;
        case 33:
          ageMs_ = r.double();
          break;
        case 42:
          holders_.push(Holder.read(r, r.limit()));
          break;
        case 48:
          waiters_ = r.uint32();
          break;
        case 58:
          r.stringEntry(options_);
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { kind: kind_, name: name_, size: size_, ageMs: ageMs_, holders: holders_, waiters: waiters_, options: options_ };
  }
};
var ManagerServiceInfoRequest = {
  typeName: "commonhold.v1.ManagerServiceInfoRequest",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ManagerServiceInfoResponse = {
  typeName: "commonhold.v1.ManagerServiceInfoResponse",
  write(w, m) {
    if (m.version !== "")
      w.string(10, m.version);
    if (m.protocol !== 0)
      w.uint32(16, m.protocol);
    if (m.engine !== "")
      w.string(26, m.engine);
    if (m.pid !== 0)
      w.uint32(32, m.pid);
    if (m.uptimeMs !== 0)
      w.double(41, m.uptimeMs);
    if (m.maxMessageBytes !== 0)
      w.uint32(48, m.maxMessageBytes);
  },
  read(r, end) {
    let version_ = "";
    let protocol_ = 0;
    let engine_ = "";
    let pid_ = 0;
    let uptimeMs_ = 0;
    let maxMessageBytes_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          version_ = r.string();
          break;
        case 16:
          protocol_ = r.uint32();
          break;
        case 26:
          engine_ = r.string();
          break;
        case 32:
          pid_ = r.uint32();
          break;
        case 41:
          uptimeMs_ = r.double();
          break;
        case 48:
          maxMessageBytes_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { version: version_, protocol: protocol_, engine: engine_, pid: pid_, uptimeMs: uptimeMs_, maxMessageBytes: maxMessageBytes_ };
  }
};
var ManagerServiceListObjectsRequest = {
  typeName: "commonhold.v1.ManagerServiceListObjectsRequest",
  write(w, m) {
    if (m.kind !== "")
      w.string(10, m.kind);
    if (m.match !== "")
      w.string(18, m.match);
    if (m.pageToken !== "")
      w.string(26, m.pageToken);
    if (m.pageSize !== 0)
      w.uint32(32, m.pageSize);
  },
  read(r, end) {
    let kind_ = "";
    let match_ = "";
    let pageToken_ = "";
    let pageSize_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          kind_ = r.string();
          break;
        case 18:
          match_ = r.string();
          break;
        case 26:
          pageToken_ = r.string();
          break;
        case 32:
          pageSize_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { kind: kind_, match: match_, pageToken: pageToken_, pageSize: pageSize_ };
  }
};
var ManagerServiceListObjectsResponse = {
  typeName: "commonhold.v1.ManagerServiceListObjectsResponse",
  write(w, m) {
    for (const item of m.objects) {
      const at1 = w.open(10);
      ObjectInfo.write(w, item);
      w.close(at1);
    }
    if (m.nextPageToken !== "")
      w.string(18, m.nextPageToken);
  },
  read(r, end) {
    const objects_ = [];
    let nextPageToken_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          objects_.push(ObjectInfo.read(r, r.limit()));
          break;
        case 18:
          nextPageToken_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { objects: objects_, nextPageToken: nextPageToken_ };
  }
};
var ManagerServiceDescribeRequest = {
  typeName: "commonhold.v1.ManagerServiceDescribeRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var ManagerServiceDescribeResponse = {
  typeName: "commonhold.v1.ManagerServiceDescribeResponse",
  write(w, m) {
    const at1 = w.open(10);
    ObjectInfo.write(w, m.object);
    w.close(at1);
  },
  read(r, end) {
    let object_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          object_ = ObjectInfo.read(r, r.limit());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (object_ === void 0)
      throw missingField("ManagerServiceDescribeResponse", "object");
    return { object: object_ };
  }
};
var ManagerServiceDestroyRequest = {
  typeName: "commonhold.v1.ManagerServiceDestroyRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.kind !== "")
      w.string(18, m.kind);
  },
  read(r, end) {
    let name_ = "";
    let kind_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          kind_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, kind: kind_ };
  }
};
var ManagerServiceDestroyResponse = {
  typeName: "commonhold.v1.ManagerServiceDestroyResponse",
  write(w, m) {
    if (m.destroyed !== false)
      w.bool(8, m.destroyed);
  },
  read(r, end) {
    let destroyed_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          destroyed_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { destroyed: destroyed_ };
  }
};
var ManagerServiceStatsRequest = {
  typeName: "commonhold.v1.ManagerServiceStatsRequest",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ManagerServiceStatsResponse = {
  typeName: "commonhold.v1.ManagerServiceStatsResponse",
  write(w, m) {
    if (m.version !== "")
      w.string(10, m.version);
    if (m.uptimeMs !== 0)
      w.double(17, m.uptimeMs);
    if (m.engine !== "")
      w.string(26, m.engine);
    if (m.objects !== 0)
      w.uint32(32, m.objects);
    if (m.sessions !== 0)
      w.uint32(40, m.sessions);
    if (m.waiters !== 0)
      w.uint32(48, m.waiters);
    if (m.heldLocks !== 0)
      w.uint32(56, m.heldLocks);
    if (m.callsInFlight !== 0)
      w.uint32(64, m.callsInFlight);
    if (m.callsTotal !== 0)
      w.double(73, m.callsTotal);
    if (m.residentBytes !== 0)
      w.double(81, m.residentBytes);
    if (m.heapBytes !== 0)
      w.double(89, m.heapBytes);
  },
  read(r, end) {
    let version_ = "";
    let uptimeMs_ = 0;
    let engine_ = "";
    let objects_ = 0;
    let sessions_ = 0;
    let waiters_ = 0;
    let heldLocks_ = 0;
    let callsInFlight_ = 0;
    let callsTotal_ = 0;
    let residentBytes_ = 0;
    let heapBytes_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          version_ = r.string();
          break;
        case 17:
          uptimeMs_ = r.double();
          break;
        case 26:
          engine_ = r.string();
          break;
        case 32:
          objects_ = r.uint32();
          break;
        case 40:
          sessions_ = r.uint32();
          break;
        case 48:
          waiters_ = r.uint32();
          break;
        case 56:
          heldLocks_ = r.uint32();
          break;
        case 64:
          callsInFlight_ = r.uint32();
          break;
        case 73:
          callsTotal_ = r.double();
          break;
        case 81:
          residentBytes_ = r.double();
          break;
        case 89:
          heapBytes_ = r.double();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { version: version_, uptimeMs: uptimeMs_, engine: engine_, objects: objects_, sessions: sessions_, waiters: waiters_, heldLocks: heldLocks_, callsInFlight: callsInFlight_, callsTotal: callsTotal_, residentBytes: residentBytes_, heapBytes: heapBytes_ };
  }
};
var ManagerService = {
  typeName: "commonhold.v1.ManagerService",
  methods: {
    /**
     * What this manager is.
     *
     * @generated from rpc commonhold.v1.ManagerService.Info
     */
    info: defineMethod({
      name: "commonhold.v1.ManagerService/Info",
      service: "commonhold.v1.ManagerService",
      input: ManagerServiceInfoRequest,
      output: ManagerServiceInfoResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * A page of the objects, in the order of their names.
     *
     * @generated from rpc commonhold.v1.ManagerService.ListObjects
     */
    listObjects: defineMethod({
      name: "commonhold.v1.ManagerService/ListObjects",
      service: "commonhold.v1.ManagerService",
      input: ManagerServiceListObjectsRequest,
      output: ManagerServiceListObjectsResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * One object; NOT_FOUND where there is none of that name.
     *
     * @generated from rpc commonhold.v1.ManagerService.Describe
     */
    describe: defineMethod({
      name: "commonhold.v1.ManagerService/Describe",
      service: "commonhold.v1.ManagerService",
      input: ManagerServiceDescribeRequest,
      output: ManagerServiceDescribeResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Ends an object; those who wait on it fail with NOT_FOUND. Says whether there was one.
     *
     * @generated from rpc commonhold.v1.ManagerService.Destroy
     */
    destroy: defineMethod({
      name: "commonhold.v1.ManagerService/Destroy",
      service: "commonhold.v1.ManagerService",
      input: ManagerServiceDestroyRequest,
      output: ManagerServiceDestroyResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Counts over the whole manager.
     *
     * @generated from rpc commonhold.v1.ManagerService.Stats
     */
    stats: defineMethod({
      name: "commonhold.v1.ManagerService/Stats",
      service: "commonhold.v1.ManagerService",
      input: ManagerServiceStatsRequest,
      output: ManagerServiceStatsResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    })
  }
};

// dist/proto/wire/reader.js
import { isUtf8 } from "node:buffer";
var SHORT = 24;
var float = new Float64Array(1);
var floatBytes = new Uint8Array(float.buffer);
var NAMES = 256;
var Reader = class {
  buffer;
  position = 0;
  #end;
  #names = new Array(NAMES);
  constructor(buffer = Buffer.alloc(0)) {
    this.buffer = asBuffer(buffer);
    this.#end = buffer.length;
  }
  /** Turns to another buffer; answers its length. */
  reset(buffer) {
    this.buffer = asBuffer(buffer);
    this.position = 0;
    return this.#end = buffer.length;
  }
  uint32() {
    const { buffer } = this;
    let byte = buffer[this.position++];
    if (byte < 128)
      return byte;
    let value = byte & 127;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = buffer[this.position++];
      if (shift < 32)
        value |= (byte & 127) << shift;
      if (byte < 128)
        return value >>> 0;
      if (byte === void 0)
        break;
    }
    throw this.#truncated();
  }
  int32() {
    return this.uint32() | 0;
  }
  /** An unsigned integer; beyond 2^53 it is malformed. */
  uint64() {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.buffer[this.position++];
      if (byte === void 0)
        throw this.#truncated();
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER)
          throw new MalformedError("integer beyond 2^53");
        return value;
      }
    }
    throw new MalformedError("integer longer than ten bytes");
  }
  int64() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buffer[this.position++];
      if (byte === void 0)
        throw this.#truncated();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128)
        return BigInt.asIntN(64, value);
    }
    throw new MalformedError("integer longer than ten bytes");
  }
  /** The next field's tag. */
  tag() {
    const tag = this.uint32();
    if (tag >>> 3 === 0)
      throw new MalformedError("field number 0");
    return tag;
  }
  bool() {
    return this.uint32() !== 0;
  }
  double() {
    const end = this.position + 8;
    if (end > this.#end)
      throw this.#truncated();
    for (let i = 0; i < 8; i++)
      floatBytes[i] = this.buffer[this.position + i];
    this.position = end;
    return float[0];
  }
  /** Where the length-delimited thing ends whose length comes next. */
  limit() {
    const end = this.uint32() + this.position;
    if (end > this.#end)
      throw this.#truncated();
    return end;
  }
  string() {
    const end = this.limit();
    const begin = this.position;
    this.position = end;
    if (end - begin <= SHORT) {
      const { buffer } = this;
      let text3 = "";
      for (let i = begin; i < end; i++) {
        const code = buffer[i];
        if (code > 127)
          return this.#utf8(begin, end);
        text3 += String.fromCharCode(code);
      }
      return text3;
    }
    return this.#utf8(begin, end);
  }
  /** A string that recurs: the name of an object. */
  name() {
    const end = this.limit();
    const begin = this.position;
    const length = end - begin;
    if (length > SHORT || length === 0) {
      this.position = end;
      return length === 0 ? "" : this.#utf8(begin, end);
    }
    const { buffer } = this;
    const slot = length * 31 + buffer[begin] * 7 + buffer[end - 1] & NAMES - 1;
    const known = this.#names[slot];
    if (known !== void 0 && known.length === length) {
      let i = 0;
      while (i < length && known.charCodeAt(i) === buffer[begin + i])
        i++;
      if (i === length) {
        this.position = end;
        return known;
      }
    }
    this.position = end;
    const name = this.#utf8(begin, end);
    if (name.length === length)
      this.#names[slot] = name;
    return name;
  }
  #utf8(begin, end) {
    const text3 = this.buffer.toString("utf8", begin, end);
    if (text3.includes("\uFFFD") && !isUtf8(this.buffer.subarray(begin, end))) {
      throw new MalformedError("text that is not UTF-8");
    }
    return text3;
  }
  /** A view of the bytes; no copy. */
  bytes() {
    const end = this.limit();
    const view = this.buffer.subarray(this.position, end);
    this.position = end;
    return view;
  }
  /** A view of an encoded Payload; no copy. */
  payload() {
    return this.bytes();
  }
  key() {
    const end = this.limit();
    let key;
    while (this.position < end) {
      const tag = this.tag();
      if (tag === 10)
        key = this.string();
      else if (tag === 17)
        key = this.double();
      else if (tag === 24)
        key = this.int64();
      else if (tag === 32)
        key = this.bool();
      else if (tag === 42)
        key = new Uint8Array(this.bytes());
      else
        this.skip(tag);
    }
    this.finish(end);
    if (key === void 0)
      throw new MalformedError("a key without a value: give one of text, number, integer, boolean, binary");
    return key;
  }
  /** Reads one entry of a map<string, string> into `target`. */
  stringEntry(target) {
    const end = this.limit();
    let key = "";
    let value = "";
    while (this.position < end) {
      const tag = this.tag();
      if (tag === 10)
        key = this.string();
      else if (tag === 18)
        value = this.string();
      else
        this.skip(tag);
    }
    this.finish(end);
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  }
  /** Passes over a field that this version does not know. */
  skip(tag) {
    const wire = tag & 7;
    if (wire === 0)
      this.int64();
    else if (wire === 1)
      this.position += 8;
    else if (wire === 2)
      this.position = this.limit();
    else if (wire === 5)
      this.position += 4;
    else
      throw new MalformedError(`wire type ${wire}`);
    if (this.position > this.#end)
      throw this.#truncated();
  }
  /** Checks that a message ended where its length said. */
  finish(end) {
    if (this.position !== end)
      throw new MalformedError("a field that runs past the end of its message");
  }
  #truncated() {
    return new MalformedError("message cut short");
  }
};
function asBuffer(bytes2) {
  return Buffer.isBuffer(bytes2) ? bytes2 : Buffer.from(bytes2.buffer, bytes2.byteOffset, bytes2.byteLength);
}

// dist/proto/gen/commonhold/v1/dict_wire.js
var DictEntry = {
  typeName: "commonhold.v1.DictEntry",
  write(w, m) {
    w.key(10, m.key);
    w.payload(18, m.value);
  },
  read(r, end) {
    let key_;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          key_ = r.key();
          break;
        case 18:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictEntry", "key");
    if (value_ === void 0)
      throw missingField("DictEntry", "value");
    return { key: key_, value: value_ };
  }
};
var DictServiceOpenRequest = {
  typeName: "commonhold.v1.DictServiceOpenRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.exclusive !== false)
      w.bool(16, m.exclusive);
  },
  read(r, end) {
    let name_ = "";
    let exclusive_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          exclusive_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, exclusive: exclusive_ };
  }
};
var DictServiceOpenResponse = {
  typeName: "commonhold.v1.DictServiceOpenResponse",
  write(w, m) {
    if (m.created !== false)
      w.bool(8, m.created);
  },
  read(r, end) {
    let created_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          created_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { created: created_ };
  }
};
var DictServiceGetRequest = {
  typeName: "commonhold.v1.DictServiceGetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceGetRequest", "key");
    return { name: name_, key: key_ };
  }
};
var DictServiceGetResponse = {
  typeName: "commonhold.v1.DictServiceGetResponse",
  write(w, m) {
    if (m.value !== void 0) {
      w.payload(10, m.value);
    }
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { value: value_ };
  }
};
var DictServiceGetManyRequest = {
  typeName: "commonhold.v1.DictServiceGetManyRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    for (const item of m.keys) {
      w.key(18, item);
    }
  },
  read(r, end) {
    let name_ = "";
    const keys_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          keys_.push(r.key());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, keys: keys_ };
  }
};
var DictServiceGetManyResponse = {
  typeName: "commonhold.v1.DictServiceGetManyResponse",
  write(w, m) {
    for (const item of m.entries) {
      const at1 = w.open(10);
      DictEntry.write(w, item);
      w.close(at1);
    }
  },
  read(r, end) {
    const entries_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          entries_.push(DictEntry.read(r, r.limit()));
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { entries: entries_ };
  }
};
var DictServiceSetRequest = {
  typeName: "commonhold.v1.DictServiceSetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
    w.payload(26, m.value);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        case 26:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceSetRequest", "key");
    if (value_ === void 0)
      throw missingField("DictServiceSetRequest", "value");
    return { name: name_, key: key_, value: value_ };
  }
};
var DictServiceSetResponse = {
  typeName: "commonhold.v1.DictServiceSetResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var DictServiceSetManyRequest = {
  typeName: "commonhold.v1.DictServiceSetManyRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    for (const item of m.entries) {
      const at2 = w.open(18);
      DictEntry.write(w, item);
      w.close(at2);
    }
  },
  read(r, end) {
    let name_ = "";
    const entries_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          entries_.push(DictEntry.read(r, r.limit()));
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, entries: entries_ };
  }
};
var DictServiceSetManyResponse = {
  typeName: "commonhold.v1.DictServiceSetManyResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var DictServiceHasRequest = {
  typeName: "commonhold.v1.DictServiceHasRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceHasRequest", "key");
    return { name: name_, key: key_ };
  }
};
var DictServiceHasResponse = {
  typeName: "commonhold.v1.DictServiceHasResponse",
  write(w, m) {
    if (m.found !== false)
      w.bool(8, m.found);
  },
  read(r, end) {
    let found_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          found_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { found: found_ };
  }
};
var DictServiceDeleteRequest = {
  typeName: "commonhold.v1.DictServiceDeleteRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceDeleteRequest", "key");
    return { name: name_, key: key_ };
  }
};
var DictServiceDeleteResponse = {
  typeName: "commonhold.v1.DictServiceDeleteResponse",
  write(w, m) {
    if (m.deleted !== false)
      w.bool(8, m.deleted);
  },
  read(r, end) {
    let deleted_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          deleted_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { deleted: deleted_ };
  }
};
var DictServiceDeleteManyRequest = {
  typeName: "commonhold.v1.DictServiceDeleteManyRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    for (const item of m.keys) {
      w.key(18, item);
    }
  },
  read(r, end) {
    let name_ = "";
    const keys_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          keys_.push(r.key());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, keys: keys_ };
  }
};
var DictServiceDeleteManyResponse = {
  typeName: "commonhold.v1.DictServiceDeleteManyResponse",
  write(w, m) {
    if (m.deleted !== 0)
      w.uint32(8, m.deleted);
  },
  read(r, end) {
    let deleted_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          deleted_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { deleted: deleted_ };
  }
};
var DictServiceSizeRequest = {
  typeName: "commonhold.v1.DictServiceSizeRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var DictServiceSizeResponse = {
  typeName: "commonhold.v1.DictServiceSizeResponse",
  write(w, m) {
    if (m.size !== 0)
      w.uint32(8, m.size);
  },
  read(r, end) {
    let size_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          size_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { size: size_ };
  }
};
var DictServiceClearRequest = {
  typeName: "commonhold.v1.DictServiceClearRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var DictServiceClearResponse = {
  typeName: "commonhold.v1.DictServiceClearResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var DictServiceGetOrInsertRequest = {
  typeName: "commonhold.v1.DictServiceGetOrInsertRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
    w.payload(26, m.value);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        case 26:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceGetOrInsertRequest", "key");
    if (value_ === void 0)
      throw missingField("DictServiceGetOrInsertRequest", "value");
    return { name: name_, key: key_, value: value_ };
  }
};
var DictServiceGetOrInsertResponse = {
  typeName: "commonhold.v1.DictServiceGetOrInsertResponse",
  write(w, m) {
    w.payload(10, m.value);
    if (m.inserted !== false)
      w.bool(16, m.inserted);
  },
  read(r, end) {
    let value_;
    let inserted_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        case 16:
          inserted_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("DictServiceGetOrInsertResponse", "value");
    return { value: value_, inserted: inserted_ };
  }
};
var DictServicePopRequest = {
  typeName: "commonhold.v1.DictServicePopRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServicePopRequest", "key");
    return { name: name_, key: key_ };
  }
};
var DictServicePopResponse = {
  typeName: "commonhold.v1.DictServicePopResponse",
  write(w, m) {
    if (m.value !== void 0) {
      w.payload(10, m.value);
    }
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { value: value_ };
  }
};
var DictServicePopItemRequest = {
  typeName: "commonhold.v1.DictServicePopItemRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var DictServicePopItemResponse = {
  typeName: "commonhold.v1.DictServicePopItemResponse",
  write(w, m) {
    if (m.entry !== void 0) {
      const at1 = w.open(10);
      DictEntry.write(w, m.entry);
      w.close(at1);
    }
  },
  read(r, end) {
    let entry_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          entry_ = DictEntry.read(r, r.limit());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { entry: entry_ };
  }
};
var DictServiceAddRequest = {
  typeName: "commonhold.v1.DictServiceAddRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
    w.payload(26, m.delta);
  },
  read(r, end) {
    let name_ = "";
    let key_;
    let delta_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        case 26:
          delta_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceAddRequest", "key");
    if (delta_ === void 0)
      throw missingField("DictServiceAddRequest", "delta");
    return { name: name_, key: key_, delta: delta_ };
  }
};
var DictServiceAddResponse = {
  typeName: "commonhold.v1.DictServiceAddResponse",
  write(w, m) {
    w.payload(10, m.value);
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("DictServiceAddResponse", "value");
    return { value: value_ };
  }
};
var DictServiceCompareAndSetRequest = {
  typeName: "commonhold.v1.DictServiceCompareAndSetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.key(18, m.key);
    if (m.expected !== void 0) {
      w.payload(26, m.expected);
    }
    if (m.next !== void 0) {
      w.payload(34, m.next);
    }
  },
  read(r, end) {
    let name_ = "";
    let key_;
    let expected_;
    let next_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          key_ = r.key();
          break;
        case 26:
          expected_ = r.payload();
          break;
        case 34:
          next_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (key_ === void 0)
      throw missingField("DictServiceCompareAndSetRequest", "key");
    return { name: name_, key: key_, expected: expected_, next: next_ };
  }
};
var DictServiceCompareAndSetResponse = {
  typeName: "commonhold.v1.DictServiceCompareAndSetResponse",
  write(w, m) {
    if (m.swapped !== false)
      w.bool(8, m.swapped);
  },
  read(r, end) {
    let swapped_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          swapped_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { swapped: swapped_ };
  }
};
var DictServiceScanRequest = {
  typeName: "commonhold.v1.DictServiceScanRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.pageToken !== "")
      w.string(18, m.pageToken);
    if (m.pageSize !== 0)
      w.uint32(24, m.pageSize);
    if (m.keysOnly !== false)
      w.bool(32, m.keysOnly);
  },
  read(r, end) {
    let name_ = "";
    let pageToken_ = "";
    let pageSize_ = 0;
    let keysOnly_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          pageToken_ = r.string();
          break;
        case 24:
          pageSize_ = r.uint32();
          break;
        case 32:
          keysOnly_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, pageToken: pageToken_, pageSize: pageSize_, keysOnly: keysOnly_ };
  }
};
var DictServiceScanResponse = {
  typeName: "commonhold.v1.DictServiceScanResponse",
  write(w, m) {
    for (const item of m.entries) {
      const at1 = w.open(10);
      DictEntry.write(w, item);
      w.close(at1);
    }
    if (m.nextPageToken !== "")
      w.string(18, m.nextPageToken);
  },
  read(r, end) {
    const entries_ = [];
    let nextPageToken_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          entries_.push(DictEntry.read(r, r.limit()));
          break;
        case 18:
          nextPageToken_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { entries: entries_, nextPageToken: nextPageToken_ };
  }
};
var DictServiceSnapshotRequest = {
  typeName: "commonhold.v1.DictServiceSnapshotRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var DictServiceSnapshotResponse = {
  typeName: "commonhold.v1.DictServiceSnapshotResponse",
  write(w, m) {
    for (const item of m.entries) {
      const at1 = w.open(10);
      DictEntry.write(w, item);
      w.close(at1);
    }
  },
  read(r, end) {
    const entries_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          entries_.push(DictEntry.read(r, r.limit()));
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { entries: entries_ };
  }
};
var DictService = {
  typeName: "commonhold.v1.DictService",
  methods: {
    /**
     * Makes sure that the dict exists.
     *
     * @generated from rpc commonhold.v1.DictService.Open
     */
    open: defineMethod({
      name: "commonhold.v1.DictService/Open",
      service: "commonhold.v1.DictService",
      input: DictServiceOpenRequest,
      output: DictServiceOpenResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * The value under a key; absent where the key is.
     *
     * @generated from rpc commonhold.v1.DictService.Get
     */
    get: defineMethod({
      name: "commonhold.v1.DictService/Get",
      service: "commonhold.v1.DictService",
      input: DictServiceGetRequest,
      output: DictServiceGetResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * The entries of those keys that are there, in the order asked.
     *
     * @generated from rpc commonhold.v1.DictService.GetMany
     */
    getMany: defineMethod({
      name: "commonhold.v1.DictService/GetMany",
      service: "commonhold.v1.DictService",
      input: DictServiceGetManyRequest,
      output: DictServiceGetManyResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Stores a value under a key. A new key goes to the end, a known one keeps its place.
     *
     * @generated from rpc commonhold.v1.DictService.Set
     */
    set: defineMethod({
      name: "commonhold.v1.DictService/Set",
      service: "commonhold.v1.DictService",
      input: DictServiceSetRequest,
      output: DictServiceSetResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Stores all entries at once: no one sees a part of them.
     *
     * @generated from rpc commonhold.v1.DictService.SetMany
     */
    setMany: defineMethod({
      name: "commonhold.v1.DictService/SetMany",
      service: "commonhold.v1.DictService",
      input: DictServiceSetManyRequest,
      output: DictServiceSetManyResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Whether the key is there.
     *
     * @generated from rpc commonhold.v1.DictService.Has
     */
    has: defineMethod({
      name: "commonhold.v1.DictService/Has",
      service: "commonhold.v1.DictService",
      input: DictServiceHasRequest,
      output: DictServiceHasResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Removes a key; says whether it was there.
     *
     * @generated from rpc commonhold.v1.DictService.Delete
     */
    delete: defineMethod({
      name: "commonhold.v1.DictService/Delete",
      service: "commonhold.v1.DictService",
      input: DictServiceDeleteRequest,
      output: DictServiceDeleteResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Removes several keys at once; says how many were there.
     *
     * @generated from rpc commonhold.v1.DictService.DeleteMany
     */
    deleteMany: defineMethod({
      name: "commonhold.v1.DictService/DeleteMany",
      service: "commonhold.v1.DictService",
      input: DictServiceDeleteManyRequest,
      output: DictServiceDeleteManyResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Number of entries.
     *
     * @generated from rpc commonhold.v1.DictService.Size
     */
    size: defineMethod({
      name: "commonhold.v1.DictService/Size",
      service: "commonhold.v1.DictService",
      input: DictServiceSizeRequest,
      output: DictServiceSizeResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Removes all entries.
     *
     * @generated from rpc commonhold.v1.DictService.Clear
     */
    clear: defineMethod({
      name: "commonhold.v1.DictService/Clear",
      service: "commonhold.v1.DictService",
      input: DictServiceClearRequest,
      output: DictServiceClearResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * The value under a key, stored first where the key was absent (Python's setdefault).
     *
     * @generated from rpc commonhold.v1.DictService.GetOrInsert
     */
    getOrInsert: defineMethod({
      name: "commonhold.v1.DictService/GetOrInsert",
      service: "commonhold.v1.DictService",
      input: DictServiceGetOrInsertRequest,
      output: DictServiceGetOrInsertResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Removes a key and answers its value.
     *
     * @generated from rpc commonhold.v1.DictService.Pop
     */
    pop: defineMethod({
      name: "commonhold.v1.DictService/Pop",
      service: "commonhold.v1.DictService",
      input: DictServicePopRequest,
      output: DictServicePopResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Removes the newest entry and answers it (Python's popitem).
     *
     * @generated from rpc commonhold.v1.DictService.PopItem
     */
    popItem: defineMethod({
      name: "commonhold.v1.DictService/PopItem",
      service: "commonhold.v1.DictService",
      input: DictServicePopItemRequest,
      output: DictServicePopItemResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Adds to the number under a key; an absent key counts as 0. Answers the new number.
     *
     * @generated from rpc commonhold.v1.DictService.Add
     */
    add: defineMethod({
      name: "commonhold.v1.DictService/Add",
      service: "commonhold.v1.DictService",
      input: DictServiceAddRequest,
      output: DictServiceAddResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Stores or deletes under a key if it holds what is expected.
     *
     * @generated from rpc commonhold.v1.DictService.CompareAndSet
     */
    compareAndSet: defineMethod({
      name: "commonhold.v1.DictService/CompareAndSet",
      service: "commonhold.v1.DictService",
      input: DictServiceCompareAndSetRequest,
      output: DictServiceCompareAndSetResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * A page of entries in insertion order. What is there throughout the pages comes exactly once;
     * what is inserted after the first page does not come.
     *
     * @generated from rpc commonhold.v1.DictService.Scan
     */
    scan: defineMethod({
      name: "commonhold.v1.DictService/Scan",
      service: "commonhold.v1.DictService",
      input: DictServiceScanRequest,
      output: DictServiceScanResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * All entries in insertion order, as they were at one moment. PAYLOAD_TOO_LARGE where they exceed
     * the largest message: scan them instead.
     *
     * @generated from rpc commonhold.v1.DictService.Snapshot
     */
    snapshot: defineMethod({
      name: "commonhold.v1.DictService/Snapshot",
      service: "commonhold.v1.DictService",
      input: DictServiceSnapshotRequest,
      output: DictServiceSnapshotResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    })
  }
};

// dist/proto/wire/writer.js
var SLAB = 64 * 1024;
var SHORT2 = 40;
var float2 = new Float64Array(1);
var floatBytes2 = new Uint8Array(float2.buffer);
var Writer = class {
  buffer = Buffer.allocUnsafeSlow(SLAB);
  position = 0;
  #start = 0;
  /** Bytes written since the last {@link take}. */
  get size() {
    return this.position - this.#start;
  }
  /** What was written since the last call. */
  take() {
    const written = this.buffer.subarray(this.#start, this.position);
    this.#start = this.position;
    if (this.buffer.length - this.position < 1024)
      this.#renew(SLAB);
    return written;
  }
  /** Undoes what was written behind `position`, as after an encoding error. */
  rewind(size) {
    this.position = this.#start + size;
  }
  /** Makes room for `bytes` more. */
  reserve(bytes2) {
    if (this.buffer.length - this.position >= bytes2)
      return;
    this.#renew(Math.max(SLAB, (this.size + bytes2) * 2));
  }
  /** Leaves so many bytes for the caller to fill in after {@link take}. */
  leave(bytes2) {
    this.reserve(bytes2);
    this.position += bytes2;
  }
  #renew(length) {
    const next = Buffer.allocUnsafeSlow(length);
    this.buffer.copy(next, 0, this.#start, this.position);
    this.position -= this.#start;
    this.#start = 0;
    this.buffer = next;
  }
  #varint(value) {
    const { buffer } = this;
    let rest = value >>> 0;
    while (rest > 127) {
      buffer[this.position++] = rest & 127 | 128;
      rest >>>= 7;
    }
    buffer[this.position++] = rest;
  }
  /** A varint without a tag. */
  packeduint32(value) {
    this.reserve(5);
    this.#varint(value);
  }
  uint32(tag, value) {
    this.reserve(10);
    this.#varint(tag);
    this.#varint(value);
  }
  int32(tag, value) {
    if (value < 0)
      this.#varint64(tag, BigInt(value));
    else
      this.uint32(tag, value);
  }
  /** An unsigned integer up to 2^53. */
  uint64(tag, value) {
    this.reserve(15);
    this.#varint(tag);
    let rest = value;
    while (rest > 127) {
      this.buffer[this.position++] = rest % 128 | 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.position++] = rest;
  }
  /** A signed 64-bit integer. */
  int64(tag, value) {
    this.#varint64(tag, value);
  }
  #varint64(tag, value) {
    this.reserve(15);
    this.#varint(tag);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.buffer[this.position++] = Number(rest & 0x7fn) | 128;
      rest >>= 7n;
    }
    this.buffer[this.position++] = Number(rest);
  }
  bool(tag, value) {
    this.uint32(tag, value ? 1 : 0);
  }
  double(tag, value) {
    this.reserve(13);
    this.#varint(tag);
    float2[0] = value;
    const { buffer } = this;
    let at = this.position;
    for (let i = 0; i < 8; i++)
      buffer[at++] = floatBytes2[i];
    this.position = at;
  }
  string(tag, value) {
    this.reserve(10 + value.length * 3);
    this.#varint(tag);
    if (value.length <= SHORT2 && this.#ascii(value))
      return;
    const length = Buffer.byteLength(value);
    this.#varint(length);
    this.position += this.buffer.write(value, this.position, length, "utf8");
  }
  /** Writes a short string with its length; gives up, having written nothing, where it is not ASCII. */
  #ascii(value) {
    const { buffer } = this;
    const { length } = value;
    let at = this.position;
    buffer[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127)
        return false;
      buffer[at++] = code;
    }
    this.position = at;
    return true;
  }
  bytes(tag, value) {
    this.reserve(10 + value.length);
    this.#varint(tag);
    this.#varint(value.length);
    this.raw(value);
  }
  /** Bytes as they are; {@link reserve} came before. */
  raw(value) {
    const { length } = value;
    if (length <= SHORT2) {
      let at = this.position;
      for (let i = 0; i < length; i++)
        this.buffer[at++] = value[i];
      this.position = at;
    } else {
      this.buffer.set(value, this.position);
      this.position += length;
    }
  }
  payload(tag, value) {
    if (typeof value !== "string")
      return this.bytes(tag, value);
    this.reserve(10 + value.length);
    this.#varint(tag);
    this.#varint(value.length);
    if (value.length <= SHORT2) {
      let at = this.position;
      for (let i = 0; i < value.length; i++)
        this.buffer[at++] = value.charCodeAt(i);
      this.position = at;
    } else {
      this.position += this.buffer.write(value, this.position, value.length, "latin1");
    }
  }
  key(tag, value) {
    const at = this.open(tag);
    if (typeof value === "string")
      this.string(10, value);
    else if (typeof value === "number")
      this.double(17, value);
    else if (typeof value === "bigint")
      this.int64(24, value);
    else if (typeof value === "boolean")
      this.bool(32, value);
    else
      this.bytes(42, value);
    this.close(at);
  }
  /** Begins a message inside of this one; {@link close} takes what it answers. */
  open(tag) {
    this.reserve(6);
    this.#varint(tag);
    const opened = this.size;
    this.position++;
    return opened;
  }
  /** Ends a nested message: writes its length, moving it where that takes more than the one byte kept. */
  close(opened) {
    const length = this.size - opened - 1;
    if (length < 128) {
      this.buffer[this.#start + opened] = length;
      return;
    }
    const extra = length < 16384 ? 1 : length < 2097152 ? 2 : length < 268435456 ? 3 : 4;
    this.reserve(extra);
    const begin = this.#start + opened;
    this.buffer.copyWithin(begin + 1 + extra, begin + 1, this.position);
    const end = this.position + extra;
    this.position = begin;
    this.#varint(length);
    this.position = end;
  }
};

// dist/proto/codec/binary.js
import { types as types2 } from "node:util";

// dist/proto/codec/refuse.js
import { types } from "node:util";
import { DecodeError } from "@msgpack/msgpack";
var MAX_DEPTH = 100;
var MAX_PACKED_DEPTH = 2 * MAX_DEPTH + 8;
function malformed(what, cause) {
  return new InvalidArgumentError(`not a valid payload: ${what}`, { cause });
}
function guarded(decode) {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ManagerError)
      throw error;
    if (error instanceof MalformedError || error instanceof DecodeError || isRangeError(error)) {
      throw malformed(error.message, error);
    }
    throw error;
  }
}
function isRangeError(error) {
  return types.isNativeError(error) && error.name === "RangeError";
}
function isWellFormed(text3) {
  return text3.isWellFormed();
}

// dist/proto/codec/binary.js
var CLASSES = [
  "ArrayBuffer",
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array"
];
function binaryClass(value) {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
function bytesOf(value) {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}
function isBytes(value) {
  return types2.isUint8Array(value);
}
function binaryBody(value) {
  const bytes2 = bytesOf(value);
  const body = new Uint8Array(1 + bytes2.length);
  body[0] = CLASSES.indexOf(binaryClass(value));
  body.set(bytes2, 1);
  return body;
}
function bodyBinary(body) {
  const name = CLASSES[body[0] ?? -1];
  if (name === void 0)
    throw malformed("binary data of an unknown class");
  const bytes2 = new Uint8Array(body.subarray(1));
  if (name === "ArrayBuffer")
    return bytes2.buffer;
  const type = globalThis[name];
  if (type === void 0)
    throw malformed(`this JavaScript has no ${name}`);
  if (bytes2.length % (type.BYTES_PER_ELEMENT ?? 1) !== 0)
    throw malformed(`a ${name} of ${bytes2.length} bytes`);
  return new type(bytes2.buffer);
}

// dist/proto/codec/reference.js
var REFERENCE = /* @__PURE__ */ Symbol.for("commonhold.reference");
function isReferable(value) {
  return typeof value[REFERENCE] === "function";
}
function referenceOf(value) {
  const { kind, name, address } = value[REFERENCE]();
  for (const part of [kind, name, address]) {
    if (typeof part !== "string" || !isWellFormed(part)) {
      throw new InvalidArgumentError("a reference must have the texts kind, name and address");
    }
  }
  return { kind, name, address };
}
var KIND = 10;
var NAME = 18;
var ADDRESS = 26;
function writeReference(writer2, tag, reference) {
  const at = writer2.open(tag);
  if (reference.kind !== "")
    writer2.string(KIND, reference.kind);
  if (reference.name !== "")
    writer2.string(NAME, reference.name);
  if (reference.address !== "")
    writer2.string(ADDRESS, reference.address);
  writer2.close(at);
}
function readReference(reader, end) {
  let kind = "";
  let name = "";
  let address = "";
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === KIND)
      kind = reader.string();
    else if (tag === NAME)
      name = reader.string();
    else if (tag === ADDRESS)
      address = reader.string();
    else
      reader.skip(tag);
  }
  reader.finish(end);
  return { kind, name, address };
}
function sameReference(a, b) {
  return a.kind === b.kind && a.name === b.name && a.address === b.address;
}

// dist/proto/codec/fields.js
var TAG = {
  NULL: 8,
  BOOLEAN: 16,
  NUMBER: 25,
  INTEGER: 32,
  TEXT: 42,
  BINARY: 50,
  JSON: 58,
  PACKED: 66,
  REFERENCE: 74,
  MESSAGE: 82,
  REFERENCES: 122
};
var MERGED = /* @__PURE__ */ new Set([TAG.JSON, TAG.REFERENCE, TAG.MESSAGE]);
var shared = new Reader();
function readerOf(bytes2) {
  shared.reset(bytes2);
  return shared;
}
function payloadBytes(payload) {
  return typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
}
function payloadString(payload) {
  if (typeof payload === "string")
    return payload;
  const buffer = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return buffer.toString("latin1");
}
function readFields(payload) {
  const bytes2 = payloadBytes(payload);
  const reader = readerOf(bytes2);
  let fields;
  const references = [];
  while (reader.position < bytes2.length) {
    const tag = reader.tag();
    if (tag === TAG.REFERENCES)
      references.push(readReference(reader, reader.limit()));
    else
      fields = readCase(reader, tag, fields) ?? fields;
  }
  reader.finish(bytes2.length);
  if (fields === void 0) {
    throw malformed("it has no value: give one of null, boolean, number, integer, text, binary, json, packed, reference, message");
  }
  return fields.tag === TAG.PACKED ? { ...fields, references } : fields;
}
function readCase(reader, tag, before) {
  switch (tag) {
    case TAG.NULL:
      reader.skip(tag);
      return { tag };
    case TAG.BOOLEAN:
      return { tag, value: reader.bool() };
    case TAG.NUMBER:
      return { tag, value: reader.double() };
    case TAG.INTEGER:
      return { tag, value: reader.int64() };
    case TAG.TEXT:
      return { tag, value: reader.string() };
    case TAG.PACKED:
      return { tag, value: reader.bytes(), references: [] };
    case TAG.BINARY:
    case TAG.JSON:
    case TAG.REFERENCE:
    case TAG.MESSAGE: {
      const value = reader.bytes();
      const continues = before?.tag === tag && MERGED.has(tag);
      return { tag, value: continues ? Buffer.concat([before.value, value]) : value };
    }
    default:
      reader.skip(tag);
      return void 0;
  }
}

// dist/proto/codec/freeze.js
function freezeDeep(value) {
  const rest = [value];
  const collections = /* @__PURE__ */ new Set();
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== "object" || next === null)
      continue;
    if (next instanceof Map || next instanceof Set) {
      if (collections.has(next))
        continue;
      collections.add(next);
      for (const [key, item] of next.entries())
        rest.push(key, item);
    } else if ((Array.isArray(next) || Object.getPrototypeOf(next) === Object.prototype) && !Object.isFrozen(next)) {
      Object.freeze(next);
      for (const item of Object.values(next))
        rest.push(item);
    }
  }
}

// dist/proto/codec/json-value.js
var JSON_TAG = { NULL: 8, NUMBER: 17, STRING: 26, BOOL: 32, STRUCT: 42, LIST: 50, ITEM: 10, KEY: 10, VALUE: 18 };
function readJson(reader, end, depth = 0) {
  if (depth > MAX_DEPTH)
    throw malformed(`JSON nested deeper than ${MAX_DEPTH} levels`);
  let value;
  let open;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case JSON_TAG.NULL:
        reader.skip(tag);
        value = null;
        break;
      case JSON_TAG.NUMBER:
        value = reader.double();
        break;
      case JSON_TAG.STRING:
        value = reader.string();
        break;
      case JSON_TAG.BOOL:
        value = reader.bool();
        break;
      case JSON_TAG.STRUCT:
        value = readStruct(reader, reader.limit(), depth, open === "struct" ? value : {});
        open = "struct";
        continue;
      case JSON_TAG.LIST:
        value = readList(reader, reader.limit(), depth, open === "list" ? value : []);
        open = "list";
        continue;
      default:
        reader.skip(tag);
        continue;
    }
    open = void 0;
  }
  reader.finish(end);
  if (value === void 0)
    throw malformed("JSON without a value");
  return value;
}
function readStruct(reader, end, depth, target) {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === JSON_TAG.ITEM)
      readEntry(reader, reader.limit(), depth, target);
    else
      reader.skip(tag);
  }
  reader.finish(end);
  return target;
}
function readEntry(reader, end, depth, target) {
  let key = "";
  let value;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === JSON_TAG.KEY)
      key = reader.string();
    else if (tag === JSON_TAG.VALUE)
      value = readJson(reader, reader.limit(), depth + 1);
    else
      reader.skip(tag);
  }
  reader.finish(end);
  if (value === void 0)
    throw malformed(`JSON without a value for ${JSON.stringify(key)}`);
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
function readList(reader, end, depth, target) {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === JSON_TAG.ITEM)
      target.push(readJson(reader, reader.limit(), depth + 1));
    else
      reader.skip(tag);
  }
  reader.finish(end);
  return target;
}

// dist/proto/codec/opaque.js
var OpaqueReference = class {
  reference;
  constructor(reference) {
    this.reference = reference;
  }
  [REFERENCE]() {
    return this.reference;
  }
};
var OpaqueInstance = class {
  type;
  data;
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
};
var AnyMessage = class {
  typeUrl;
  value;
  constructor(typeUrl, value) {
    this.typeUrl = typeUrl;
    this.value = value;
  }
};

// dist/proto/codec/packed.js
import { isUtf8 as isUtf83 } from "node:buffer";
import { Decoder, EXT_TIMESTAMP as EXT_TIMESTAMP2, ExtensionCodec, decodeTimestampExtension } from "@msgpack/msgpack";

// dist/proto/codec/extensions.js
var EXT = {
  UNDEFINED: 0,
  HOLE: 1,
  INVALID_DATE: 2,
  BIGINT: 3,
  REGEXP: 4,
  MAP: 5,
  SET: 6,
  OBJECT: 7,
  ERROR: 8,
  BINARY: 9,
  REFERENCE: 10,
  SHARED: 11,
  GRAPH: 12,
  INSTANCE: 13,
  TEXT: 14,
  /** MessagePack's own. */
  TIMESTAMP: -1
};
function losesItsBeginning(text3) {
  return text3.charCodeAt(0) === 65279;
}
var MAX_BIGINT_BYTES = 65536;
function bigintBytes(value) {
  const digits = (value < 0n ? ~value : value).toString(16);
  const size = (digits.length >> 1) + 1;
  if (size > MAX_BIGINT_BYTES)
    throw new InvalidArgumentError(`cannot store a bigint of more than ${MAX_BIGINT_BYTES} bytes: store its bytes`);
  const hex = BigInt.asUintN(size * 8, value).toString(16).padStart(size * 2, "0");
  const bytes2 = Buffer.from(hex, "hex");
  return isSignOnly(bytes2) ? bytes2.subarray(1) : bytes2;
}
function isSignOnly(bytes2) {
  const [first, second] = bytes2;
  return second !== void 0 && (first === 0 && second < 128 || first === 255 && second >= 128);
}
function bytesBigint(bytes2) {
  if (bytes2.length === 0)
    return 0n;
  if (bytes2.length > MAX_BIGINT_BYTES)
    throw malformed(`a bigint of more than ${MAX_BIGINT_BYTES} bytes`);
  const hex = Buffer.from(bytes2.buffer, bytes2.byteOffset, bytes2.length).toString("hex");
  return BigInt.asIntN(bytes2.length * 8, BigInt(`0x${hex}`));
}

// dist/proto/codec/failure.js
var CLASSES2 = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError
};
var NOT_OWN = /* @__PURE__ */ new Set(["name", "message", "stack", "cause", "errors"]);
var NOT_OWN_OF_MANAGER = /* @__PURE__ */ new Set([...NOT_OWN, "code", "retryable", "mayHaveExecuted", "object", "method", "accepted"]);
function errorParts(error) {
  const manager = error instanceof ManagerError;
  const parts = { class: manager ? "ManagerError" : nearestClass(error), message: String(error.message) };
  if (manager)
    Object.assign(parts, managerParts(error));
  else if (String(error.name) !== parts.class)
    parts.name = String(error.name);
  if (typeof error.stack === "string")
    parts.stack = error.stack;
  if (Object.hasOwn(error, "cause"))
    parts.cause = error.cause;
  if (Object.hasOwn(error, "errors"))
    parts.errors = error.errors;
  const own = Object.keys(error).filter((key) => !(manager ? NOT_OWN_OF_MANAGER : NOT_OWN).has(key));
  if (own.length > 0) {
    parts.own = {};
    for (const key of own)
      define(parts.own, key, error[key], true);
  }
  return parts;
}
function managerParts(error) {
  const { code, object, method, retryable, mayHaveExecuted } = toWire(error);
  const { accepted } = error;
  const parts = { code, retryable, mayHaveExecuted };
  if (object !== "")
    parts.object = object;
  if (method !== "")
    parts.method = method;
  if (accepted !== void 0)
    parts.accepted = accepted;
  return parts;
}
function nearestClass(error) {
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name = at.constructor?.name;
    if (typeof name === "string" && (name === "AggregateError" || Object.hasOwn(CLASSES2, name)))
      return name;
  }
  return "Error";
}
function errorOf(parts) {
  const message = text(parts["message"]) ?? "";
  const className = text(parts["class"]) ?? "Error";
  const error = className === "ManagerError" ? managerError(message, parts) : builtinError(className, message);
  const name = text(parts["name"]);
  if (name !== void 0)
    define(error, "name", name, false);
  define(error, "stack", text(parts["stack"]) ?? `${error.name}: ${message}`, false);
  if (Object.hasOwn(parts, "cause"))
    define(error, "cause", parts["cause"], false);
  if (Object.hasOwn(parts, "errors"))
    define(error, "errors", parts["errors"], false);
  const reserved = error instanceof ManagerError ? NOT_OWN_OF_MANAGER : NOT_OWN;
  const { own } = parts;
  if (typeof own === "object" && own !== null) {
    for (const [key, value] of Object.entries(own)) {
      if (!reserved.has(key))
        define(error, key, value, true);
    }
  }
  return error;
}
function builtinError(name, message) {
  if (name === "AggregateError")
    return new AggregateError([], message);
  const type = Object.hasOwn(CLASSES2, name) ? CLASSES2[name] : void 0;
  if (type === void 0)
    throw malformed(`an error of the unknown class ${JSON.stringify(name)}`);
  return new type(message);
}
function managerError(message, parts) {
  const { code, accepted } = parts;
  return fromWire({
    code: typeof code === "number" ? code : 0,
    message,
    object: text(parts["object"]) ?? "",
    method: text(parts["method"]) ?? "",
    retryable: parts["retryable"] === true,
    mayHaveExecuted: parts["mayHaveExecuted"] === true,
    accepted: typeof accepted === "number" ? accepted : void 0
  });
}
function text(value) {
  return typeof value === "string" ? value : void 0;
}
function define(target, key, value, enumerable) {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

// dist/proto/codec/inspect.js
import { isUtf8 as isUtf82 } from "node:buffer";
var NESTED = /* @__PURE__ */ new Set([
  EXT.REGEXP,
  EXT.MAP,
  EXT.SET,
  EXT.OBJECT,
  EXT.ERROR,
  EXT.REFERENCE,
  EXT.SHARED,
  EXT.GRAPH,
  EXT.INSTANCE
]);
var UNSETTLED = /* @__PURE__ */ new Set([EXT.HOLE, EXT.REFERENCE, EXT.SHARED, EXT.GRAPH, EXT.INSTANCE]);
var KNOWN = new Set(Object.values(EXT));
var SHORT3 = 40;
function inspect(bytes2) {
  const inspector = new Inspector(bytes2);
  inspector.item(bytes2.length, 0);
  inspector.finish(bytes2.length);
  return inspector;
}
var Inspector = class {
  unsettled = false;
  graph = false;
  #bytes;
  #at = 0;
  constructor(bytes2) {
    this.#bytes = bytes2;
  }
  finish(end) {
    if (this.#at !== end)
      throw malformed("packed data with bytes left over");
  }
  /** Passes over one item that must end at `end` or before. */
  item(end, depth) {
    const head = this.#uint(1, end);
    if (head < 128 || head >= 224)
      return;
    if (head < 144)
      return this.#map(head & 15, end, depth);
    if (head < 160)
      return this.#array(head & 15, end, depth);
    if (head < 192)
      return this.#string(head & 31, end);
    switch (head) {
      case 192:
      case 194:
      case 195:
        return;
      case 196:
      case 197:
      case 198:
        this.unsettled = true;
        return this.#skip(this.#uint(1 << head - 196, end), end);
      case 199:
      case 200:
      case 201:
        return this.#extension(this.#uint(1 << head - 199, end), end, depth);
      case 202:
      case 203:
        return this.#skip(head === 202 ? 4 : 8, end);
      case 204:
      case 205:
      case 206:
        return this.#skip(1 << head - 204, end);
      case 207:
      case 211:
        return this.#long(end, head === 211);
      case 208:
      case 209:
      case 210:
        return this.#skip(1 << head - 208, end);
      case 212:
      case 213:
      case 214:
      case 215:
      case 216:
        return this.#extension(1 << head - 212, end, depth);
      case 217:
      case 218:
      case 219:
        return this.#string(this.#uint(1 << head - 217, end), end);
      case 220:
      case 221:
        return this.#array(this.#uint(head === 220 ? 2 : 4, end), end, depth);
      case 222:
      case 223:
        return this.#map(this.#uint(head === 222 ? 2 : 4, end), end, depth);
      default:
        throw malformed(`packed data with the byte 0x${head.toString(16)}`);
    }
  }
  #uint(size, end) {
    const from = this.#at;
    this.#skip(size, end);
    let value = 0;
    for (let i = from; i < this.#at; i++)
      value = value * 256 + this.#bytes[i];
    return value;
  }
  #skip(size, end) {
    this.#at += size;
    if (this.#at > end)
      throw malformed("packed data cut short");
  }
  /** A 64-bit integer: JavaScript would round one beyond 2^53. */
  #long(end, signed) {
    const high = this.#uint(4, end);
    this.#skip(4, end);
    if (high >= 2097152 && !(signed && high >= 4292870144)) {
      throw malformed(`an integer beyond 2^53 in packed data: write it as extension ${EXT.BIGINT}`);
    }
  }
  #string(length, end) {
    const from = this.#at;
    this.#skip(length, end);
    if (length > 2 && this.#bytes[from] === 239 && this.#bytes[from + 1] === 187 && this.#bytes[from + 2] === 191) {
      throw malformed(`packed text that begins with U+FEFF: write it as extension ${EXT.TEXT}`);
    }
    if (length <= SHORT3) {
      let i = from;
      while (i < this.#at && this.#bytes[i] < 128)
        i++;
      if (i === this.#at)
        return;
    }
    if (!isUtf82(this.#bytes.subarray(from, this.#at)))
      throw malformed("text that is not UTF-8");
  }
  #array(count, end, depth) {
    this.#deeper(depth);
    if (count > end - this.#at)
      throw malformed("packed data cut short");
    for (let i = 0; i < count; i++)
      this.item(end, depth + 1);
  }
  #map(count, end, depth) {
    this.#deeper(depth);
    if (count * 2 > end - this.#at)
      throw malformed("packed data cut short");
    for (let i = 0; i < count; i++) {
      const head = this.#bytes[this.#at];
      const isText = head >= 160 && head < 192 || head >= 217 && head <= 219;
      const isInteger = head < 128 || head >= 224 || head >= 204 && head <= 211;
      if (!isText && !isInteger)
        throw malformed("a key of an object that is neither text nor integer: write a Map");
      this.item(end, depth + 1);
      this.item(end, depth + 1);
    }
  }
  #extension(size, end, depth) {
    const type = this.#uint(1, end) << 24 >> 24;
    const from = this.#at;
    const bodyEnd = from + size;
    this.#skip(size, end);
    if (!KNOWN.has(type))
      throw malformed(`extension ${type}, which this version does not know`);
    if (UNSETTLED.has(type))
      this.unsettled = true;
    if (type === EXT.GRAPH) {
      if (depth > 0)
        throw malformed("a graph inside of packed data: it must be the whole");
      this.graph = true;
    }
    if (!NESTED.has(type))
      return;
    this.#deeper(depth);
    this.#at = from;
    this.item(bodyEnd, depth + 1);
    this.finish(bodyEnd);
  }
  #deeper(depth) {
    if (depth >= MAX_PACKED_DEPTH)
      throw malformed(`packed data nested deeper than ${MAX_PACKED_DEPTH} levels`);
  }
};

// dist/proto/codec/lower.js
import { EXT_TIMESTAMP, Encoder, ExtData, encodeDateToTimeSpec, encodeTimeSpecToTimestamp } from "@msgpack/msgpack";

// dist/proto/codec/kinds.js
import { types as types3 } from "node:util";

// dist/proto/codec/types.js
var byName = /* @__PURE__ */ new Map();
var byPrototype = /* @__PURE__ */ new Map();
function typeOfPrototype(prototype) {
  return byPrototype.size === 0 ? void 0 : byPrototype.get(prototype);
}
function typeNamed(name) {
  return byName.get(name);
}

// dist/proto/codec/kinds.js
function kindOf(value) {
  if (isReferable(value))
    return "reference";
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null)
    return "object";
  if (prototype === Array.prototype)
    return "array";
  if (typeOfPrototype(prototype) !== void 0)
    return "instance";
  if (Array.isArray(value))
    return Array.isArray(prototype) ? "array" : "foreign";
  if (ArrayBuffer.isView(value))
    return isBuiltinView(value, prototype) ? "view" : "foreign";
  if (types3.isNativeError(value) || value instanceof Error)
    return "error";
  if (prototype === OpaqueInstance.prototype)
    return "opaque";
  if (isRoot(prototype))
    return "object";
  const parent = Object.getPrototypeOf(prototype);
  if (parent === null || !isRoot(parent))
    return "foreign";
  if (types3.isMap(value))
    return "map";
  if (types3.isSet(value))
    return "set";
  if (types3.isDate(value))
    return "date";
  if (types3.isRegExp(value))
    return "regexp";
  return types3.isArrayBuffer(value) ? "buffer" : "foreign";
}
function isRoot(prototype) {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}
function isBuiltinView(value, prototype) {
  if (Buffer.isBuffer(value))
    return true;
  const parent = Object.getPrototypeOf(prototype);
  if (types3.isDataView(value))
    return isRoot(parent);
  const root = Object.getPrototypeOf(parent);
  return root !== null && isRoot(root);
}
function classNameOf(value) {
  const prototype = Object.getPrototypeOf(value);
  const name = prototype?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "an anonymous class";
}

// dist/proto/codec/lower.js
var EMPTY2 = new Uint8Array(0);
var UNDEFINED = new ExtData(EXT.UNDEFINED, EMPTY2);
var HOLE = new ExtData(EXT.HOLE, EMPTY2);
var INVALID_DATE = new ExtData(EXT.INVALID_DATE, EMPTY2);
function lower(root, survey) {
  const lowering = new Lowering(survey);
  if (survey.shared === void 0)
    return lowering.content(root);
  const entries = [lowering.content(root)];
  for (const [value, place] of survey.shared)
    if (place > 0)
      entries[place] = lowering.content(value);
  return nest(EXT.GRAPH, entries);
}
function newEncoder() {
  return new Encoder({ maxDepth: MAX_PACKED_DEPTH + 2, initialBufferSize: 1024 });
}
var bodies = newEncoder();
function nest(type, body) {
  return new ExtData(type, bodies.encode(body));
}
var Lowering = class {
  #survey;
  constructor(survey) {
    this.#survey = survey;
  }
  #node(value) {
    if (value === void 0)
      return UNDEFINED;
    if (typeof value === "object" && value !== null) {
      const place = this.#survey.shared?.get(value);
      if (place !== void 0)
        return nest(EXT.SHARED, place);
    }
    return this.content(value);
  }
  /** What a value is, even where it is shared. */
  content(value) {
    if (typeof value === "bigint")
      return new ExtData(EXT.BIGINT, bigintBytes(value));
    if (typeof value === "string")
      return text2(value);
    if (typeof value !== "object" && typeof value !== "function" || value === null)
      return value;
    const kind = kindOf(value);
    switch (kind) {
      case "object":
        return this.#object(value);
      case "array":
        return this.#array(value);
      case "map":
        return nest(EXT.MAP, [...value].flat(1).map((item) => this.#node(item)));
      case "set":
        return nest(EXT.SET, [...value].map((item) => this.#node(item)));
      case "date":
        return date(value);
      case "regexp":
        return nest(EXT.REGEXP, [text2(value.source), value.flags]);
      case "error":
        return nest(EXT.ERROR, this.#object({ ...errorParts(value) }));
      case "buffer":
      case "view":
        return isBytes(value) ? bytesOf(value) : new ExtData(EXT.BINARY, binaryBody(value));
      case "instance": {
        const { type, data } = this.#survey.instances.get(value);
        return nest(EXT.INSTANCE, [type, this.#node(data)]);
      }
      case "opaque": {
        const { type, data } = value;
        return nest(EXT.INSTANCE, [type, this.#node(data)]);
      }
      case "reference":
        return nest(EXT.REFERENCE, this.#survey.referencePlaces.get(value));
      case "foreign":
        throw new TypeError("the value changed while it was encoded");
    }
  }
  #object(value) {
    const keys = Object.keys(value);
    if (keys.some((key) => key === "__proto__" || losesItsBeginning(key))) {
      return nest(EXT.OBJECT, keys.flatMap((key) => [text2(key), this.#node(value[key])]));
    }
    const lowered = {};
    for (const key of keys)
      lowered[key] = this.#node(value[key]);
    return lowered;
  }
  #array(value) {
    const lowered = new Array(value.length);
    for (let i = 0; i < value.length; i++)
      lowered[i] = i in value ? this.#node(value[i]) : HOLE;
    return lowered;
  }
};
function text2(value) {
  return losesItsBeginning(value) ? new ExtData(EXT.TEXT, Buffer.from(value)) : value;
}
function date(value) {
  if (Number.isNaN(value.getTime()))
    return INVALID_DATE;
  return new ExtData(EXT_TIMESTAMP, encodeTimeSpecToTimestamp(encodeDateToTimeSpec(value)));
}

// dist/proto/codec/settle.js
var Shared = class {
  place;
  constructor(place) {
    this.place = place;
  }
};
var ReferenceAt = class {
  place;
  constructor(place) {
    this.place = place;
  }
};
var Graph = class {
  entries;
  constructor(entries) {
    this.entries = entries;
  }
};
var HOLE2 = /* @__PURE__ */ Symbol("hole");
function settle(decoded, source, revive) {
  const graph = decoded instanceof Graph ? decoded.entries : [decoded];
  return new Settling(graph, source, revive).entry(0, 0);
}
var Settling = class {
  #entries;
  #state = [];
  #source;
  #revive;
  constructor(entries, source, revive) {
    this.#entries = entries;
    this.#source = source;
    this.#revive = revive;
  }
  /** An object of the graph. Within a cycle it is the object itself, though not filled yet. */
  entry(place, depth) {
    const value = this.#entries[place];
    if (value === void 0 || value instanceof Shared)
      throw malformed(`a graph without entry ${place}`);
    if (this.#state[place] === void 0) {
      this.#state[place] = "open";
      const settled = this.#node(value, depth);
      this.#entries[place] = settled;
      this.#state[place] = "done";
      return settled;
    }
    if (this.#state[place] === "open" && value instanceof OpaqueInstance)
      throw malformed("an instance inside of its own data");
    return value;
  }
  #node(value, depth) {
    if (value === HOLE2)
      throw malformed("a hole outside of an array");
    if (typeof value !== "object" || value === null)
      return value;
    if (depth > MAX_PACKED_DEPTH)
      throw malformed(`packed data nested deeper than ${MAX_PACKED_DEPTH} levels`);
    if (value instanceof Shared)
      return this.entry(value.place, depth + 1);
    if (value instanceof ReferenceAt)
      return this.#revive.reference(value.place);
    if (value instanceof OpaqueInstance)
      return this.#revive.instance(value.type, this.#node(value.data, depth + 1));
    if (ArrayBuffer.isView(value))
      return value.buffer === this.#source.buffer ? new Uint8Array(value) : value;
    if (Array.isArray(value))
      this.#array(value, depth);
    else if (value instanceof Map)
      this.#map(value, depth);
    else if (value instanceof Set)
      this.#set(value, depth);
    else
      this.#properties(value, depth);
    return value;
  }
  #array(array, depth) {
    for (let i = 0; i < array.length; i++) {
      if (array[i] === HOLE2)
        delete array[i];
      else
        array[i] = this.#node(array[i], depth + 1);
    }
  }
  /** Emptied and filled again, so that a key that becomes another keeps its place in the order. */
  #map(map, depth) {
    const entries = [...map];
    map.clear();
    for (const [key, value] of entries)
      map.set(this.#node(key, depth + 1), this.#node(value, depth + 1));
  }
  #set(set, depth) {
    const members = [...set];
    set.clear();
    for (const member of members)
      set.add(this.#node(member, depth + 1));
  }
  /** Of plain objects and errors, whose `cause` and `errors` are not enumerable. */
  #properties(object, depth) {
    for (const key of Object.getOwnPropertyNames(object)) {
      const value = object[key];
      if ((typeof value !== "object" || value === null) && value !== HOLE2)
        continue;
      const settled = this.#node(value, depth + 1);
      if (settled !== value)
        Object.defineProperty(object, key, { value: settled });
    }
  }
};

// dist/proto/codec/survey.js
var MAX_HOLES = 65536;
var Survey = class {
  /** Plain MessagePack says all of it: no extension is needed. */
  plain = true;
  /** Objects that occur more than once, with their place in the graph; the root has place 0. */
  shared;
  /** The references found, each once. */
  references = [];
  /** Of a proxy, the place of its reference in {@link references}. */
  referencePlaces;
  /** Instances of registered types, with what their codecs said of them. */
  instances;
  #root;
  #seen = /* @__PURE__ */ new Set();
  /** Instances whose data is being walked: a cycle through one cannot be rebuilt. */
  #open;
  #path = [];
  constructor(root) {
    this.#root = root;
    this.#visit(root, 0);
  }
  #visit(value, depth) {
    switch (typeof value) {
      case "number":
      case "boolean":
        return;
      case "string":
        if (losesItsBeginning(value))
          this.plain = false;
        if (!isWellFormed(value))
          this.#refuse(depth, "a text with half a surrogate pair", "repair it with toWellFormed(), or store its bytes");
        return;
      case "object":
        if (value !== null)
          this.#object(value, depth);
        return;
      case "undefined":
      case "bigint":
        this.plain = false;
        return;
      case "function":
        if (isReferable(value))
          return this.#reference(value);
        this.#refuse(depth, `a function (${value.name || "anonymous"})`, "store data, and keep the function in the program");
        return;
      default:
        this.#refuse(depth, "a symbol", "store its description as text");
    }
  }
  #object(value, depth) {
    const kind = kindOf(value);
    if (kind === "reference")
      return this.#reference(value);
    if (this.#seen.has(value))
      return this.#again(value, depth);
    this.#seen.add(value);
    if (depth >= MAX_DEPTH)
      this.#refuse(depth, `something nested deeper than ${MAX_DEPTH} levels`, "store it in parts, or as text");
    if (kind !== "object" && kind !== "array")
      this.plain = false;
    switch (kind) {
      case "object":
        return this.#plainObject(value, depth);
      case "array":
        return this.#array(value, depth);
      case "map":
        for (const [key, item] of value) {
          this.#step(depth, { label: "key", key }, key);
          this.#step(depth, { label: "get", key }, item);
        }
        return;
      case "set":
        for (const item of value)
          this.#step(depth, { label: "member", key: item }, item);
        return;
      case "error":
        for (const [part, item] of Object.entries(errorParts(value)))
          this.#step(depth, part, item);
        return;
      case "instance":
        return this.#instance(value, depth);
      case "opaque":
        return this.#step(depth, "data", value.data);
      case "foreign":
        return this.#foreign(value, depth);
      case "date":
      case "regexp":
      case "buffer":
      case "view":
        return;
    }
  }
  #step(depth, step, value) {
    this.#path[depth] = step;
    this.#visit(value, depth + 1);
  }
  #plainObject(value, depth) {
    for (const key of Object.keys(value)) {
      this.#path[depth] = key;
      if (!isWellFormed(key))
        this.#refuse(depth + 1, "a key with half a surrogate pair", "repair it with toWellFormed()");
      if (key === "__proto__" || losesItsBeginning(key))
        this.plain = false;
      this.#visit(value[key], depth + 1);
    }
  }
  #array(value, depth) {
    let holes = 0;
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (item === void 0 && !(i in value) && ++holes > MAX_HOLES) {
        this.#refuse(depth, `an array with more than ${MAX_HOLES} holes`, "use a Map");
      }
      this.#step(depth, i, item);
    }
  }
  #again(value, depth) {
    if (this.#open?.has(value)) {
      this.#refuse(depth, `${classNameOf(value)}, whose own data leads back to it`, "let its encode() leave that out");
    }
    this.plain = false;
    this.shared ??= /* @__PURE__ */ new Map();
    if (this.shared.has(value))
      return;
    const others = this.shared.size - (this.shared.has(this.#root) ? 1 : 0);
    this.shared.set(value, value === this.#root ? 0 : others + 1);
  }
  #reference(value) {
    this.plain = false;
    this.referencePlaces ??= /* @__PURE__ */ new Map();
    if (this.referencePlaces.has(value))
      return;
    const reference = referenceOf(value);
    const known = this.references.findIndex((other) => sameReference(other, reference));
    this.referencePlaces.set(value, known >= 0 ? known : this.references.push(reference) - 1);
  }
  #instance(value, depth) {
    const type = typeOfPrototype(Object.getPrototypeOf(value));
    const data = type.encode(value);
    this.instances ??= /* @__PURE__ */ new Map();
    this.instances.set(value, { type: type.name, data });
    this.#open ??= /* @__PURE__ */ new Set();
    this.#open.add(value);
    this.#step(depth, `encode(${type.name})`, data);
    this.#open.delete(value);
  }
  #foreign(value, depth) {
    const name = classNameOf(value);
    if (Object.prototype.toString.call(value) === "[object Promise]")
      this.#refuse(depth, "a Promise", "await it first");
    if (name === "SharedArrayBuffer")
      this.#refuse(depth, "a SharedArrayBuffer", "store a copy of its bytes, or share an Arena");
    if (name === "WeakMap" || name === "WeakSet" || name === "WeakRef") {
      this.#refuse(depth, `a ${name}`, "what it holds is bound to this program");
    }
    this.#refuse(depth, `an instance of ${name}`, "register the class with registerType, or convert it to a plain object");
  }
  #refuse(depth, what, advice) {
    const path = this.#path.slice(0, depth).map(stepText).join("");
    throw new InvalidArgumentError(`cannot store ${what} at $${path}: ${advice}`);
  }
};
function stepText(step) {
  if (typeof step === "number")
    return `[${step}]`;
  if (typeof step === "string")
    return /^[\p{L}_$][\p{L}\p{N}_$]*(\(.*\))?$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  const { key } = step;
  const shown = typeof key === "string" ? JSON.stringify(key) : typeof key === "object" || typeof key === "function" ? "\u2026" : String(key);
  return `.${step.label}(${shown})`;
}

// dist/proto/codec/packed.js
var KEEP = 1 << 20;
var encoder = newEncoder();
function pack(value) {
  const survey = new Survey(value);
  try {
    const bytes2 = encoder.encodeSharedRef(survey.plain ? value : lower(value, survey));
    if (bytes2.length > KEEP)
      encoder = newEncoder();
    return { bytes: bytes2, references: survey.references };
  } catch (error) {
    if (error instanceof ManagerError)
      throw error;
    throw new InvalidArgumentError(`cannot store this value: ${error.message}`, { cause: error });
  }
}
function unpack(bytes2, revive) {
  const { unsettled, graph } = inspect(bytes2);
  const decoded = decoder.decode(bytes2);
  return { value: unsettled ? settle(decoded, bytes2, revive) : decoded, graph };
}
var extensions = new ExtensionCodec();
var decoder = new Decoder({ extensionCodec: extensions });
function register(type, decode) {
  extensions.register({ type, encode: () => null, decode });
}
function registerArray(type, decode) {
  register(type, (body) => {
    const items = decoder.decode(body);
    if (!Array.isArray(items))
      throw malformed(`extension ${type} with a body that is no array`);
    return decode(items);
  });
}
function registerPlace(type, decode) {
  register(type, (body) => {
    const place = decoder.decode(body);
    if (typeof place !== "number")
      throw malformed(`extension ${type} with a body that is no number`);
    return decode(place);
  });
}
function registerEmpty(type, value) {
  register(type, (body) => {
    if (body.length > 0)
      throw malformed(`extension ${type} with a body`);
    return value();
  });
}
registerEmpty(EXT.UNDEFINED, () => void 0);
registerEmpty(EXT.HOLE, () => HOLE2);
registerEmpty(EXT.INVALID_DATE, () => /* @__PURE__ */ new Date(NaN));
register(EXT.TEXT, bodyText);
register(EXT.BIGINT, bytesBigint);
register(EXT.BINARY, bodyBinary);
register(EXT_TIMESTAMP2, decodeTimestampExtension);
registerPlace(EXT.SHARED, (place) => new Shared(place));
registerPlace(EXT.REFERENCE, (place) => new ReferenceAt(place));
registerArray(EXT.GRAPH, (entries) => new Graph(entries));
registerArray(EXT.SET, (members) => new Set(members));
registerArray(EXT.MAP, (items) => {
  const map = /* @__PURE__ */ new Map();
  for (const [key, value] of pairs(items))
    map.set(key, value);
  return map;
});
registerArray(EXT.OBJECT, (items) => {
  const object = {};
  for (const [key, value] of pairs(items)) {
    if (typeof key !== "string")
      throw malformed("a key of an object that is no text");
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
});
registerArray(EXT.REGEXP, ([source, flags]) => {
  if (typeof source !== "string" || typeof flags !== "string")
    throw malformed("a regular expression without source and flags");
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw malformed(error.message, error);
  }
});
registerArray(EXT.INSTANCE, ([type, data]) => {
  if (typeof type !== "string")
    throw malformed("an instance without the name of its type");
  return new OpaqueInstance(type, data);
});
register(EXT.ERROR, (body) => {
  const parts = decoder.decode(body);
  if (typeof parts !== "object" || parts === null)
    throw malformed("an error without parts");
  return errorOf(parts);
});
function bodyText(body) {
  if (!isUtf83(body))
    throw malformed("text that is not UTF-8");
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString();
}
function* pairs(items) {
  if (items.length % 2 !== 0)
    throw malformed("a key without a value");
  for (let i = 0; i < items.length; i += 2)
    yield [items[i], items[i + 1]];
}

// dist/proto/codec/scalar.js
var SHORT4 = 40;
var INT64_MIN = -(2n ** 63n);
var INT64_MAX = 2n ** 63n - 1n;
var scratch = new BigInt64Array(1);
var float3 = new Float64Array(scratch.buffer);
var words = new Uint32Array(scratch.buffer);
var bytes = new Uint8Array(scratch.buffer);
function isInt64(value) {
  return value >= INT64_MIN && value <= INT64_MAX;
}
function encodeFlag(tag, value) {
  const buffer = Buffer.allocUnsafe(2);
  buffer[0] = tag;
  buffer[1] = value;
  return buffer;
}
function encodeNumber(value) {
  const buffer = Buffer.allocUnsafe(9);
  buffer[0] = TAG.NUMBER;
  float3[0] = value;
  for (let i = 0; i < 8; i++)
    buffer[i + 1] = bytes[i];
  return buffer;
}
function encodeInteger(value) {
  scratch[0] = value;
  let low = words[0];
  let high = words[1];
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  const size = Math.max(1, Math.ceil(bits / 7));
  const buffer = Buffer.allocUnsafe(1 + size);
  buffer[0] = TAG.INTEGER;
  for (let i = 1; i <= size; i++) {
    buffer[i] = low & 127 | (i < size ? 128 : 0);
    low = (low >>> 7 | high << 25) >>> 0;
    high >>>= 7;
  }
  return buffer;
}
function decodeScalar(payload) {
  const { length } = payload;
  const second = length < 2 ? 128 : byteAt(payload, 1);
  switch (length === 0 ? -1 : byteAt(payload, 0)) {
    case TAG.NULL:
      return length === 2 && second === 0 ? null : void 0;
    case TAG.BOOLEAN:
      return length === 2 && second <= 1 ? second === 1 : void 0;
    case TAG.NUMBER:
      if (length !== 9)
        return void 0;
      for (let i = 0; i < 8; i++)
        bytes[i] = byteAt(payload, i + 1);
      return float3[0];
    case TAG.INTEGER:
      return length === 2 && second < 128 ? BigInt(second) : void 0;
    case TAG.TEXT:
      return length === second + 2 && second <= SHORT4 ? asciiText(payload) : void 0;
    default:
      return void 0;
  }
}
function asciiText(payload) {
  let text3 = "";
  for (let i = 2; i < payload.length; i++) {
    const code = byteAt(payload, i);
    if (code > 127)
      return void 0;
    text3 += String.fromCharCode(code);
  }
  return text3;
}
function byteAt(payload, at) {
  return typeof payload === "string" ? payload.charCodeAt(at) : payload[at];
}
function encodeText(value) {
  const { length } = value;
  if (length <= SHORT4) {
    const buffer2 = Buffer.allocUnsafe(2 + length);
    buffer2[0] = TAG.TEXT;
    buffer2[1] = length;
    let i = 0;
    for (; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127)
        break;
      buffer2[i + 2] = code;
    }
    if (i === length)
      return buffer2;
  }
  if (!isWellFormed(value))
    return void 0;
  const size = Buffer.byteLength(value);
  const buffer = delimited(TAG.TEXT, size);
  buffer.write(value, buffer.length - size, size, "utf8");
  return buffer;
}
function encodeBytes(tag, value, extra = 0) {
  const buffer = delimited(tag, value.length, extra);
  buffer.set(value, buffer.length - extra - value.length);
  return buffer;
}
function delimited(tag, length, extra = 0) {
  const buffer = Buffer.allocUnsafe(1 + varintSize(length) + length + extra);
  buffer[0] = tag;
  let at = 1;
  let rest = length;
  while (rest > 127) {
    buffer[at++] = rest & 127 | 128;
    rest = Math.floor(rest / 128);
  }
  buffer[at] = rest;
  return buffer;
}
function varintSize(length) {
  return length < 128 ? 1 : length < 16384 ? 2 : length < 2097152 ? 3 : length < 268435456 ? 4 : 5;
}

// dist/proto/codec/payload.js
function encodePayload(value) {
  switch (typeof value) {
    case "string": {
      const encoded = encodeText(value);
      if (encoded !== void 0)
        return encoded;
      break;
    }
    case "number":
      return encodeNumber(value);
    case "boolean":
      return encodeFlag(TAG.BOOLEAN, value ? 1 : 0);
    case "bigint":
      if (isInt64(value))
        return encodeInteger(value);
      break;
    case "undefined":
      throw new InvalidArgumentError("undefined cannot be stored: use null, or delete the entry");
    case "object":
    case "function":
      if (value === null)
        return encodeFlag(TAG.NULL, 0);
      if (isReferable(value))
        return encodeReference(referenceOf(value));
      if (isBytes(value))
        return encodeBytes(TAG.BINARY, value);
      if (value instanceof AnyMessage)
        return encodeMessage(value);
      break;
  }
  return encodePacked(value);
}
var writer = new Writer();
function takeCopy() {
  const copy = Buffer.from(writer.buffer.subarray(writer.position - writer.size, writer.position));
  writer.rewind(0);
  return copy;
}
function encodeReference(reference) {
  writeReference(writer, TAG.REFERENCE, reference);
  return takeCopy();
}
var ANY = { TYPE_URL: 10, VALUE: 18 };
function encodeMessage(message) {
  const at = writer.open(TAG.MESSAGE);
  if (message.typeUrl !== "")
    writer.string(ANY.TYPE_URL, message.typeUrl);
  if (message.value.length > 0)
    writer.bytes(ANY.VALUE, message.value);
  writer.close(at);
  return takeCopy();
}
function encodePacked(value) {
  const { bytes: bytes2, references } = pack(value);
  if (references.length === 0)
    return encodeBytes(TAG.PACKED, bytes2);
  for (const reference of references)
    writeReference(writer, TAG.REFERENCES, reference);
  const behind = takeCopy();
  const buffer = encodeBytes(TAG.PACKED, bytes2, behind.length);
  behind.copy(buffer, buffer.length - behind.length);
  return buffer;
}
function decodePayload(payload, options = {}) {
  const { open } = options;
  const reference = (named) => open === void 0 ? named : open(named);
  const scalar = decodeScalar(payload);
  if (scalar !== void 0)
    return scalar;
  const value = guarded(() => decodeFields(readFields(payload), { reference, instance }).value);
  if (options.freeze === true)
    freezeDeep(value);
  return value;
}
function decodeOpaque(payload) {
  const scalar = decodeScalar(payload);
  if (scalar !== void 0)
    return { value: scalar, graph: false };
  return guarded(() => decodeFields(readFields(payload), {
    reference: (named) => new OpaqueReference(named),
    instance: (type, data) => new OpaqueInstance(type, data)
  }));
}
function decodeFields(fields, reviver) {
  switch (fields.tag) {
    case TAG.NULL:
      return { value: null, graph: false };
    case TAG.BOOLEAN:
    case TAG.NUMBER:
    case TAG.INTEGER:
    case TAG.TEXT:
      return { value: fields.value, graph: false };
    case TAG.BINARY:
      return { value: new Uint8Array(fields.value), graph: false };
    case TAG.JSON:
      return { value: readJson(readerOf(fields.value), fields.value.length), graph: false };
    case TAG.REFERENCE:
      return { value: reviver.reference(readReference(readerOf(fields.value), fields.value.length)), graph: false };
    case TAG.MESSAGE:
      return { value: readMessage(fields.value), graph: false };
    case TAG.PACKED: {
      const { references } = fields;
      const revive = {
        reference: (place) => {
          const reference = references[place];
          if (reference === void 0)
            throw malformed(`a reference ${place} that its list does not have`);
          return reviver.reference(reference);
        },
        instance: reviver.instance
      };
      return unpack(fields.value, revive);
    }
  }
}
function readMessage(bytes2) {
  const reader = readerOf(bytes2);
  let typeUrl = "";
  let value = new Uint8Array(0);
  while (reader.position < bytes2.length) {
    const tag = reader.tag();
    if (tag === ANY.TYPE_URL)
      typeUrl = reader.string();
    else if (tag === ANY.VALUE)
      value = new Uint8Array(reader.bytes());
    else
      reader.skip(tag);
  }
  reader.finish(bytes2.length);
  return new AnyMessage(typeUrl, value);
}
function instance(name, data) {
  const type = typeNamed(name);
  if (type === void 0) {
    throw new InvalidArgumentError(`this value holds an instance of "${name}": register the class under that name with registerType`);
  }
  try {
    return type.decode(data);
  } catch (error) {
    throw new InvalidArgumentError(`the type "${name}" could not decode its data: ${String(error?.message ?? error)}`, { cause: error });
  }
}

// dist/proto/gen/commonhold/v1/list_wire.js
var ListServiceOpenRequest = {
  typeName: "commonhold.v1.ListServiceOpenRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.exclusive !== false)
      w.bool(16, m.exclusive);
  },
  read(r, end) {
    let name_ = "";
    let exclusive_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          exclusive_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, exclusive: exclusive_ };
  }
};
var ListServiceOpenResponse = {
  typeName: "commonhold.v1.ListServiceOpenResponse",
  write(w, m) {
    if (m.created !== false)
      w.bool(8, m.created);
  },
  read(r, end) {
    let created_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          created_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { created: created_ };
  }
};
var ListServiceAtRequest = {
  typeName: "commonhold.v1.ListServiceAtRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.index !== 0)
      w.int32(16, m.index);
  },
  read(r, end) {
    let name_ = "";
    let index_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          index_ = r.int32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, index: index_ };
  }
};
var ListServiceAtResponse = {
  typeName: "commonhold.v1.ListServiceAtResponse",
  write(w, m) {
    if (m.value !== void 0) {
      w.payload(10, m.value);
    }
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { value: value_ };
  }
};
var ListServiceSetRequest = {
  typeName: "commonhold.v1.ListServiceSetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.index !== 0)
      w.int32(16, m.index);
    w.payload(26, m.value);
  },
  read(r, end) {
    let name_ = "";
    let index_ = 0;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          index_ = r.int32();
          break;
        case 26:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ListServiceSetRequest", "value");
    return { name: name_, index: index_, value: value_ };
  }
};
var ListServiceSetResponse = {
  typeName: "commonhold.v1.ListServiceSetResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ListServiceLengthRequest = {
  typeName: "commonhold.v1.ListServiceLengthRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var ListServiceLengthResponse = {
  typeName: "commonhold.v1.ListServiceLengthResponse",
  write(w, m) {
    if (m.length !== 0)
      w.uint32(8, m.length);
  },
  read(r, end) {
    let length_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          length_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { length: length_ };
  }
};
var ListServicePushRequest = {
  typeName: "commonhold.v1.ListServicePushRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    for (const item of m.values) {
      w.payload(18, item);
    }
  },
  read(r, end) {
    let name_ = "";
    const values_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          values_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, values: values_ };
  }
};
var ListServicePushResponse = {
  typeName: "commonhold.v1.ListServicePushResponse",
  write(w, m) {
    if (m.length !== 0)
      w.uint32(8, m.length);
  },
  read(r, end) {
    let length_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          length_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { length: length_ };
  }
};
var ListServicePopRequest = {
  typeName: "commonhold.v1.ListServicePopRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.index !== void 0) {
      w.int32(16, m.index);
    }
  },
  read(r, end) {
    let name_ = "";
    let index_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          index_ = r.int32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, index: index_ };
  }
};
var ListServicePopResponse = {
  typeName: "commonhold.v1.ListServicePopResponse",
  write(w, m) {
    if (m.value !== void 0) {
      w.payload(10, m.value);
    }
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { value: value_ };
  }
};
var ListServiceUnshiftRequest = {
  typeName: "commonhold.v1.ListServiceUnshiftRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    for (const item of m.values) {
      w.payload(18, item);
    }
  },
  read(r, end) {
    let name_ = "";
    const values_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          values_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, values: values_ };
  }
};
var ListServiceUnshiftResponse = {
  typeName: "commonhold.v1.ListServiceUnshiftResponse",
  write(w, m) {
    if (m.length !== 0)
      w.uint32(8, m.length);
  },
  read(r, end) {
    let length_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          length_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { length: length_ };
  }
};
var ListServiceShiftRequest = {
  typeName: "commonhold.v1.ListServiceShiftRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var ListServiceShiftResponse = {
  typeName: "commonhold.v1.ListServiceShiftResponse",
  write(w, m) {
    if (m.value !== void 0) {
      w.payload(10, m.value);
    }
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { value: value_ };
  }
};
var ListServiceInsertRequest = {
  typeName: "commonhold.v1.ListServiceInsertRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.index !== 0)
      w.int32(16, m.index);
    w.payload(26, m.value);
  },
  read(r, end) {
    let name_ = "";
    let index_ = 0;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          index_ = r.int32();
          break;
        case 26:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ListServiceInsertRequest", "value");
    return { name: name_, index: index_, value: value_ };
  }
};
var ListServiceInsertResponse = {
  typeName: "commonhold.v1.ListServiceInsertResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ListServiceSpliceRequest = {
  typeName: "commonhold.v1.ListServiceSpliceRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.start !== 0)
      w.int32(16, m.start);
    if (m.deleteCount !== void 0) {
      w.uint32(24, m.deleteCount);
    }
    for (const item of m.values) {
      w.payload(34, item);
    }
  },
  read(r, end) {
    let name_ = "";
    let start_ = 0;
    let deleteCount_;
    const values_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          start_ = r.int32();
          break;
        case 24:
          deleteCount_ = r.uint32();
          break;
        case 34:
          values_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, start: start_, deleteCount: deleteCount_, values: values_ };
  }
};
var ListServiceSpliceResponse = {
  typeName: "commonhold.v1.ListServiceSpliceResponse",
  write(w, m) {
    for (const item of m.removed) {
      w.payload(10, item);
    }
  },
  read(r, end) {
    const removed_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          removed_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { removed: removed_ };
  }
};
var ListServiceSliceRequest = {
  typeName: "commonhold.v1.ListServiceSliceRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.start !== void 0) {
      w.int32(16, m.start);
    }
    if (m.end !== void 0) {
      w.int32(24, m.end);
    }
  },
  read(r, end) {
    let name_ = "";
    let start_;
    let end_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          start_ = r.int32();
          break;
        case 24:
          end_ = r.int32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, start: start_, end: end_ };
  }
};
var ListServiceSliceResponse = {
  typeName: "commonhold.v1.ListServiceSliceResponse",
  write(w, m) {
    for (const item of m.values) {
      w.payload(10, item);
    }
  },
  read(r, end) {
    const values_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          values_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { values: values_ };
  }
};
var ListServiceIndexOfRequest = {
  typeName: "commonhold.v1.ListServiceIndexOfRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.value);
  },
  read(r, end) {
    let name_ = "";
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ListServiceIndexOfRequest", "value");
    return { name: name_, value: value_ };
  }
};
var ListServiceIndexOfResponse = {
  typeName: "commonhold.v1.ListServiceIndexOfResponse",
  write(w, m) {
    if (m.index !== 0)
      w.int32(8, m.index);
  },
  read(r, end) {
    let index_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          index_ = r.int32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { index: index_ };
  }
};
var ListServiceCountRequest = {
  typeName: "commonhold.v1.ListServiceCountRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.value);
  },
  read(r, end) {
    let name_ = "";
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ListServiceCountRequest", "value");
    return { name: name_, value: value_ };
  }
};
var ListServiceCountResponse = {
  typeName: "commonhold.v1.ListServiceCountResponse",
  write(w, m) {
    if (m.count !== 0)
      w.uint32(8, m.count);
  },
  read(r, end) {
    let count_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          count_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { count: count_ };
  }
};
var ListServiceRemoveRequest = {
  typeName: "commonhold.v1.ListServiceRemoveRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.value);
  },
  read(r, end) {
    let name_ = "";
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ListServiceRemoveRequest", "value");
    return { name: name_, value: value_ };
  }
};
var ListServiceRemoveResponse = {
  typeName: "commonhold.v1.ListServiceRemoveResponse",
  write(w, m) {
    if (m.removed !== false)
      w.bool(8, m.removed);
  },
  read(r, end) {
    let removed_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          removed_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { removed: removed_ };
  }
};
var ListServiceReverseRequest = {
  typeName: "commonhold.v1.ListServiceReverseRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var ListServiceReverseResponse = {
  typeName: "commonhold.v1.ListServiceReverseResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ListServiceSortRequest = {
  typeName: "commonhold.v1.ListServiceSortRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.descending !== false)
      w.bool(16, m.descending);
    if (m.by !== "")
      w.string(26, m.by);
  },
  read(r, end) {
    let name_ = "";
    let descending_ = false;
    let by_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          descending_ = r.bool();
          break;
        case 26:
          by_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, descending: descending_, by: by_ };
  }
};
var ListServiceSortResponse = {
  typeName: "commonhold.v1.ListServiceSortResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ListServiceClearRequest = {
  typeName: "commonhold.v1.ListServiceClearRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var ListServiceClearResponse = {
  typeName: "commonhold.v1.ListServiceClearResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ListServiceScanRequest = {
  typeName: "commonhold.v1.ListServiceScanRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.pageToken !== "")
      w.string(18, m.pageToken);
    if (m.pageSize !== 0)
      w.uint32(24, m.pageSize);
  },
  read(r, end) {
    let name_ = "";
    let pageToken_ = "";
    let pageSize_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          pageToken_ = r.string();
          break;
        case 24:
          pageSize_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, pageToken: pageToken_, pageSize: pageSize_ };
  }
};
var ListServiceScanResponse = {
  typeName: "commonhold.v1.ListServiceScanResponse",
  write(w, m) {
    for (const item of m.values) {
      w.payload(10, item);
    }
    if (m.nextPageToken !== "")
      w.string(18, m.nextPageToken);
  },
  read(r, end) {
    const values_ = [];
    let nextPageToken_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          values_.push(r.payload());
          break;
        case 18:
          nextPageToken_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { values: values_, nextPageToken: nextPageToken_ };
  }
};
var ListService = {
  typeName: "commonhold.v1.ListService",
  methods: {
    /**
     * Makes sure that the list exists.
     *
     * @generated from rpc commonhold.v1.ListService.Open
     */
    open: defineMethod({
      name: "commonhold.v1.ListService/Open",
      service: "commonhold.v1.ListService",
      input: ListServiceOpenRequest,
      output: ListServiceOpenResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * The item at an index; absent where there is none.
     *
     * @generated from rpc commonhold.v1.ListService.At
     */
    at: defineMethod({
      name: "commonhold.v1.ListService/At",
      service: "commonhold.v1.ListService",
      input: ListServiceAtRequest,
      output: ListServiceAtResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Replaces the item at an index; OUT_OF_RANGE where there is none.
     *
     * @generated from rpc commonhold.v1.ListService.Set
     */
    set: defineMethod({
      name: "commonhold.v1.ListService/Set",
      service: "commonhold.v1.ListService",
      input: ListServiceSetRequest,
      output: ListServiceSetResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Number of items.
     *
     * @generated from rpc commonhold.v1.ListService.Length
     */
    length: defineMethod({
      name: "commonhold.v1.ListService/Length",
      service: "commonhold.v1.ListService",
      input: ListServiceLengthRequest,
      output: ListServiceLengthResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Appends items; answers the new length (Python's append and extend).
     *
     * @generated from rpc commonhold.v1.ListService.Push
     */
    push: defineMethod({
      name: "commonhold.v1.ListService/Push",
      service: "commonhold.v1.ListService",
      input: ListServicePushRequest,
      output: ListServicePushResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Removes and answers the last item, or the one at `index`; absent where there is none.
     *
     * @generated from rpc commonhold.v1.ListService.Pop
     */
    pop: defineMethod({
      name: "commonhold.v1.ListService/Pop",
      service: "commonhold.v1.ListService",
      input: ListServicePopRequest,
      output: ListServicePopResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Puts items before the first; answers the new length.
     *
     * @generated from rpc commonhold.v1.ListService.Unshift
     */
    unshift: defineMethod({
      name: "commonhold.v1.ListService/Unshift",
      service: "commonhold.v1.ListService",
      input: ListServiceUnshiftRequest,
      output: ListServiceUnshiftResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Removes and answers the first item; absent where there is none.
     *
     * @generated from rpc commonhold.v1.ListService.Shift
     */
    shift: defineMethod({
      name: "commonhold.v1.ListService/Shift",
      service: "commonhold.v1.ListService",
      input: ListServiceShiftRequest,
      output: ListServiceShiftResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Puts an item before the index; beyond either end it goes to that end (as Python's insert).
     *
     * @generated from rpc commonhold.v1.ListService.Insert
     */
    insert: defineMethod({
      name: "commonhold.v1.ListService/Insert",
      service: "commonhold.v1.ListService",
      input: ListServiceInsertRequest,
      output: ListServiceInsertResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Removes `delete_count` items from `start` and puts `values` in their place; answers the removed
     * ones. Absent `delete_count` removes to the end.
     *
     * @generated from rpc commonhold.v1.ListService.Splice
     */
    splice: defineMethod({
      name: "commonhold.v1.ListService/Splice",
      service: "commonhold.v1.ListService",
      input: ListServiceSpliceRequest,
      output: ListServiceSpliceResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * The items from `start` to before `end`; absent means the beginning and the end.
     *
     * @generated from rpc commonhold.v1.ListService.Slice
     */
    slice: defineMethod({
      name: "commonhold.v1.ListService/Slice",
      service: "commonhold.v1.ListService",
      input: ListServiceSliceRequest,
      output: ListServiceSliceResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Index of the first item equal to a value; -1 where there is none.
     *
     * @generated from rpc commonhold.v1.ListService.IndexOf
     */
    indexOf: defineMethod({
      name: "commonhold.v1.ListService/IndexOf",
      service: "commonhold.v1.ListService",
      input: ListServiceIndexOfRequest,
      output: ListServiceIndexOfResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * How many items are equal to a value.
     *
     * @generated from rpc commonhold.v1.ListService.Count
     */
    count: defineMethod({
      name: "commonhold.v1.ListService/Count",
      service: "commonhold.v1.ListService",
      input: ListServiceCountRequest,
      output: ListServiceCountResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Removes the first item equal to a value; says whether there was one.
     *
     * @generated from rpc commonhold.v1.ListService.Remove
     */
    remove: defineMethod({
      name: "commonhold.v1.ListService/Remove",
      service: "commonhold.v1.ListService",
      input: ListServiceRemoveRequest,
      output: ListServiceRemoveResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Turns the order round, in place.
     *
     * @generated from rpc commonhold.v1.ListService.Reverse
     */
    reverse: defineMethod({
      name: "commonhold.v1.ListService/Reverse",
      service: "commonhold.v1.ListService",
      input: ListServiceReverseRequest,
      output: ListServiceReverseResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Sorts in place, stably: null, booleans, numbers, text by code unit, bytes, then the rest by their bytes.
     *
     * @generated from rpc commonhold.v1.ListService.Sort
     */
    sort: defineMethod({
      name: "commonhold.v1.ListService/Sort",
      service: "commonhold.v1.ListService",
      input: ListServiceSortRequest,
      output: ListServiceSortResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Removes all items.
     *
     * @generated from rpc commonhold.v1.ListService.Clear
     */
    clear: defineMethod({
      name: "commonhold.v1.ListService/Clear",
      service: "commonhold.v1.ListService",
      input: ListServiceClearRequest,
      output: ListServiceClearResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * A page of the items as they were, in order, when the first page was asked for.
     *
     * @generated from rpc commonhold.v1.ListService.Scan
     */
    scan: defineMethod({
      name: "commonhold.v1.ListService/Scan",
      service: "commonhold.v1.ListService",
      input: ListServiceScanRequest,
      output: ListServiceScanResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    })
  }
};

// dist/proto/gen/commonhold/v1/queue_wire.js
var QueueServiceOpenRequest = {
  typeName: "commonhold.v1.QueueServiceOpenRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.exclusive !== false)
      w.bool(16, m.exclusive);
    if (m.capacity !== void 0) {
      w.uint32(24, m.capacity);
    }
  },
  read(r, end) {
    let name_ = "";
    let exclusive_ = false;
    let capacity_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          exclusive_ = r.bool();
          break;
        case 24:
          capacity_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, exclusive: exclusive_, capacity: capacity_ };
  }
};
var QueueServiceOpenResponse = {
  typeName: "commonhold.v1.QueueServiceOpenResponse",
  write(w, m) {
    if (m.created !== false)
      w.bool(8, m.created);
  },
  read(r, end) {
    let created_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          created_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { created: created_ };
  }
};
var QueueServicePutRequest = {
  typeName: "commonhold.v1.QueueServicePutRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.value);
    if (m.timeoutMs !== void 0) {
      w.uint32(24, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let value_;
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          value_ = r.payload();
          break;
        case 24:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("QueueServicePutRequest", "value");
    return { name: name_, value: value_, timeoutMs: timeoutMs_ };
  }
};
var QueueServicePutResponse = {
  typeName: "commonhold.v1.QueueServicePutResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var QueueServicePutManyRequest = {
  typeName: "commonhold.v1.QueueServicePutManyRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    for (const item of m.values) {
      w.payload(18, item);
    }
    if (m.timeoutMs !== void 0) {
      w.uint32(24, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    const values_ = [];
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          values_.push(r.payload());
          break;
        case 24:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, values: values_, timeoutMs: timeoutMs_ };
  }
};
var QueueServicePutManyResponse = {
  typeName: "commonhold.v1.QueueServicePutManyResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var QueueServiceGetRequest = {
  typeName: "commonhold.v1.QueueServiceGetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.timeoutMs !== void 0) {
      w.uint32(16, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, timeoutMs: timeoutMs_ };
  }
};
var QueueServiceGetResponse = {
  typeName: "commonhold.v1.QueueServiceGetResponse",
  write(w, m) {
    w.payload(10, m.value);
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("QueueServiceGetResponse", "value");
    return { value: value_ };
  }
};
var QueueServiceGetManyRequest = {
  typeName: "commonhold.v1.QueueServiceGetManyRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.max !== 0)
      w.uint32(16, m.max);
    if (m.timeoutMs !== void 0) {
      w.uint32(24, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let max_ = 0;
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          max_ = r.uint32();
          break;
        case 24:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, max: max_, timeoutMs: timeoutMs_ };
  }
};
var QueueServiceGetManyResponse = {
  typeName: "commonhold.v1.QueueServiceGetManyResponse",
  write(w, m) {
    for (const item of m.values) {
      w.payload(10, item);
    }
  },
  read(r, end) {
    const values_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          values_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { values: values_ };
  }
};
var QueueServicePeekRequest = {
  typeName: "commonhold.v1.QueueServicePeekRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.count !== 0)
      w.uint32(16, m.count);
  },
  read(r, end) {
    let name_ = "";
    let count_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          count_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, count: count_ };
  }
};
var QueueServicePeekResponse = {
  typeName: "commonhold.v1.QueueServicePeekResponse",
  write(w, m) {
    for (const item of m.values) {
      w.payload(10, item);
    }
  },
  read(r, end) {
    const values_ = [];
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          values_.push(r.payload());
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { values: values_ };
  }
};
var QueueServiceSizeRequest = {
  typeName: "commonhold.v1.QueueServiceSizeRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var QueueServiceSizeResponse = {
  typeName: "commonhold.v1.QueueServiceSizeResponse",
  write(w, m) {
    if (m.size !== 0)
      w.uint32(8, m.size);
  },
  read(r, end) {
    let size_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          size_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { size: size_ };
  }
};
var QueueServiceClearRequest = {
  typeName: "commonhold.v1.QueueServiceClearRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var QueueServiceClearResponse = {
  typeName: "commonhold.v1.QueueServiceClearResponse",
  write(w, m) {
    if (m.cleared !== 0)
      w.uint32(8, m.cleared);
  },
  read(r, end) {
    let cleared_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          cleared_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { cleared: cleared_ };
  }
};
var QueueServiceTaskDoneRequest = {
  typeName: "commonhold.v1.QueueServiceTaskDoneRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.count !== 0)
      w.uint32(16, m.count);
  },
  read(r, end) {
    let name_ = "";
    let count_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          count_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, count: count_ };
  }
};
var QueueServiceTaskDoneResponse = {
  typeName: "commonhold.v1.QueueServiceTaskDoneResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var QueueServiceJoinRequest = {
  typeName: "commonhold.v1.QueueServiceJoinRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.timeoutMs !== void 0) {
      w.uint32(16, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, timeoutMs: timeoutMs_ };
  }
};
var QueueServiceJoinResponse = {
  typeName: "commonhold.v1.QueueServiceJoinResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var QueueServiceShutdownRequest = {
  typeName: "commonhold.v1.QueueServiceShutdownRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.immediate !== false)
      w.bool(16, m.immediate);
  },
  read(r, end) {
    let name_ = "";
    let immediate_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          immediate_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, immediate: immediate_ };
  }
};
var QueueServiceShutdownResponse = {
  typeName: "commonhold.v1.QueueServiceShutdownResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var QueueService = {
  typeName: "commonhold.v1.QueueService",
  methods: {
    /**
     * Makes sure that the queue exists with these options.
     *
     * @generated from rpc commonhold.v1.QueueService.Open
     */
    open: defineMethod({
      name: "commonhold.v1.QueueService/Open",
      service: "commonhold.v1.QueueService",
      input: QueueServiceOpenRequest,
      output: QueueServiceOpenResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * Appends an item; waits for room. QUEUE_FULL when the timeout ends first.
     *
     * @generated from rpc commonhold.v1.QueueService.Put
     */
    put: defineMethod({
      name: "commonhold.v1.QueueService/Put",
      service: "commonhold.v1.QueueService",
      input: QueueServicePutRequest,
      output: QueueServicePutResponse,
      idempotency: "unknown",
      blocking: true,
      takes: false
    }),
    /**
     * Appends items in order, waiting for room. QUEUE_FULL, with the number that went in, when the timeout
     * ends first.
     *
     * @generated from rpc commonhold.v1.QueueService.PutMany
     */
    putMany: defineMethod({
      name: "commonhold.v1.QueueService/PutMany",
      service: "commonhold.v1.QueueService",
      input: QueueServicePutManyRequest,
      output: QueueServicePutManyResponse,
      idempotency: "unknown",
      blocking: true,
      takes: false
    }),
    /**
     * Removes and answers the first item; waits for one. QUEUE_EMPTY when the timeout ends first.
     *
     * @generated from rpc commonhold.v1.QueueService.Get
     */
    get: defineMethod({
      name: "commonhold.v1.QueueService/Get",
      service: "commonhold.v1.QueueService",
      input: QueueServiceGetRequest,
      output: QueueServiceGetResponse,
      idempotency: "unknown",
      blocking: true,
      takes: true
    }),
    /**
     * Waits for a first item and answers it with those behind it, at most `max`.
     *
     * @generated from rpc commonhold.v1.QueueService.GetMany
     */
    getMany: defineMethod({
      name: "commonhold.v1.QueueService/GetMany",
      service: "commonhold.v1.QueueService",
      input: QueueServiceGetManyRequest,
      output: QueueServiceGetManyResponse,
      idempotency: "unknown",
      blocking: true,
      takes: true
    }),
    /**
     * The first items, which stay where they are.
     *
     * @generated from rpc commonhold.v1.QueueService.Peek
     */
    peek: defineMethod({
      name: "commonhold.v1.QueueService/Peek",
      service: "commonhold.v1.QueueService",
      input: QueueServicePeekRequest,
      output: QueueServicePeekResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Number of items waiting to be taken.
     *
     * @generated from rpc commonhold.v1.QueueService.Size
     */
    size: defineMethod({
      name: "commonhold.v1.QueueService/Size",
      service: "commonhold.v1.QueueService",
      input: QueueServiceSizeRequest,
      output: QueueServiceSizeResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Removes all items; answers how many there were. They count as done.
     *
     * @generated from rpc commonhold.v1.QueueService.Clear
     */
    clear: defineMethod({
      name: "commonhold.v1.QueueService/Clear",
      service: "commonhold.v1.QueueService",
      input: QueueServiceClearRequest,
      output: QueueServiceClearResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Says that `count` items taken earlier are worked off; INVALID_ARGUMENT when that is more than were put.
     *
     * @generated from rpc commonhold.v1.QueueService.TaskDone
     */
    taskDone: defineMethod({
      name: "commonhold.v1.QueueService/TaskDone",
      service: "commonhold.v1.QueueService",
      input: QueueServiceTaskDoneRequest,
      output: QueueServiceTaskDoneResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Waits until all items ever put are worked off. TIMEOUT when the timeout ends first.
     *
     * @generated from rpc commonhold.v1.QueueService.Join
     */
    join: defineMethod({
      name: "commonhold.v1.QueueService/Join",
      service: "commonhold.v1.QueueService",
      input: QueueServiceJoinRequest,
      output: QueueServiceJoinResponse,
      idempotency: "read",
      blocking: true,
      takes: false
    }),
    /**
     * Ends the queue: no more puts; gets drain what is there, then fail with QUEUE_SHUT_DOWN. Those who wait
     * are told.
     *
     * @generated from rpc commonhold.v1.QueueService.Shutdown
     */
    shutdown: defineMethod({
      name: "commonhold.v1.QueueService/Shutdown",
      service: "commonhold.v1.QueueService",
      input: QueueServiceShutdownRequest,
      output: QueueServiceShutdownResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    })
  }
};

// dist/proto/gen/commonhold/v1/value_wire.js
var ValueServiceOpenRequest = {
  typeName: "commonhold.v1.ValueServiceOpenRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.exclusive !== false)
      w.bool(16, m.exclusive);
    if (m.initial !== void 0) {
      w.payload(26, m.initial);
    }
    if (m.type !== void 0) {
      w.string(34, m.type);
    }
  },
  read(r, end) {
    let name_ = "";
    let exclusive_ = false;
    let initial_;
    let type_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          exclusive_ = r.bool();
          break;
        case 26:
          initial_ = r.payload();
          break;
        case 34:
          type_ = r.string();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, exclusive: exclusive_, initial: initial_, type: type_ };
  }
};
var ValueServiceOpenResponse = {
  typeName: "commonhold.v1.ValueServiceOpenResponse",
  write(w, m) {
    if (m.created !== false)
      w.bool(8, m.created);
  },
  read(r, end) {
    let created_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          created_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { created: created_ };
  }
};
var ValueServiceGetRequest = {
  typeName: "commonhold.v1.ValueServiceGetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
  },
  read(r, end) {
    let name_ = "";
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_ };
  }
};
var ValueServiceGetResponse = {
  typeName: "commonhold.v1.ValueServiceGetResponse",
  write(w, m) {
    w.payload(10, m.value);
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ValueServiceGetResponse", "value");
    return { value: value_ };
  }
};
var ValueServiceSetRequest = {
  typeName: "commonhold.v1.ValueServiceSetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.value);
    if (m.timeoutMs !== void 0) {
      w.uint32(24, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let value_;
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          value_ = r.payload();
          break;
        case 24:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ValueServiceSetRequest", "value");
    return { name: name_, value: value_, timeoutMs: timeoutMs_ };
  }
};
var ValueServiceSetResponse = {
  typeName: "commonhold.v1.ValueServiceSetResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ValueServiceAddRequest = {
  typeName: "commonhold.v1.ValueServiceAddRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.delta);
    if (m.timeoutMs !== void 0) {
      w.uint32(24, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let delta_;
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          delta_ = r.payload();
          break;
        case 24:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (delta_ === void 0)
      throw missingField("ValueServiceAddRequest", "delta");
    return { name: name_, delta: delta_, timeoutMs: timeoutMs_ };
  }
};
var ValueServiceAddResponse = {
  typeName: "commonhold.v1.ValueServiceAddResponse",
  write(w, m) {
    w.payload(10, m.value);
  },
  read(r, end) {
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ValueServiceAddResponse", "value");
    return { value: value_ };
  }
};
var ValueServiceCompareAndSetRequest = {
  typeName: "commonhold.v1.ValueServiceCompareAndSetRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    w.payload(18, m.expected);
    w.payload(26, m.next);
    if (m.timeoutMs !== void 0) {
      w.uint32(32, m.timeoutMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let expected_;
    let next_;
    let timeoutMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 18:
          expected_ = r.payload();
          break;
        case 26:
          next_ = r.payload();
          break;
        case 32:
          timeoutMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (expected_ === void 0)
      throw missingField("ValueServiceCompareAndSetRequest", "expected");
    if (next_ === void 0)
      throw missingField("ValueServiceCompareAndSetRequest", "next");
    return { name: name_, expected: expected_, next: next_, timeoutMs: timeoutMs_ };
  }
};
var ValueServiceCompareAndSetResponse = {
  typeName: "commonhold.v1.ValueServiceCompareAndSetResponse",
  write(w, m) {
    if (m.swapped !== false)
      w.bool(8, m.swapped);
  },
  read(r, end) {
    let swapped_ = false;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          swapped_ = r.bool();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { swapped: swapped_ };
  }
};
var ValueServiceLockRequest = {
  typeName: "commonhold.v1.ValueServiceLockRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.timeoutMs !== void 0) {
      w.uint32(16, m.timeoutMs);
    }
    if (m.leaseMs !== void 0) {
      w.uint32(24, m.leaseMs);
    }
  },
  read(r, end) {
    let name_ = "";
    let timeoutMs_;
    let leaseMs_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          timeoutMs_ = r.uint32();
          break;
        case 24:
          leaseMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, timeoutMs: timeoutMs_, leaseMs: leaseMs_ };
  }
};
var ValueServiceLockResponse = {
  typeName: "commonhold.v1.ValueServiceLockResponse",
  write(w, m) {
    if (m.token !== 0)
      w.uint64(8, m.token);
    if (m.abandoned !== false)
      w.bool(16, m.abandoned);
    w.payload(26, m.value);
  },
  read(r, end) {
    let token_ = 0;
    let abandoned_ = false;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          token_ = r.uint64();
          break;
        case 16:
          abandoned_ = r.bool();
          break;
        case 26:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    if (value_ === void 0)
      throw missingField("ValueServiceLockResponse", "value");
    return { token: token_, abandoned: abandoned_, value: value_ };
  }
};
var ValueServiceUnlockRequest = {
  typeName: "commonhold.v1.ValueServiceUnlockRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.token !== 0)
      w.uint64(16, m.token);
    if (m.value !== void 0) {
      w.payload(26, m.value);
    }
  },
  read(r, end) {
    let name_ = "";
    let token_ = 0;
    let value_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          token_ = r.uint64();
          break;
        case 26:
          value_ = r.payload();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, token: token_, value: value_ };
  }
};
var ValueServiceUnlockResponse = {
  typeName: "commonhold.v1.ValueServiceUnlockResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ValueServiceExtendRequest = {
  typeName: "commonhold.v1.ValueServiceExtendRequest",
  write(w, m) {
    if (m.name !== "")
      w.string(10, m.name);
    if (m.token !== 0)
      w.uint64(16, m.token);
    if (m.leaseMs !== 0)
      w.uint32(24, m.leaseMs);
  },
  read(r, end) {
    let name_ = "";
    let token_ = 0;
    let leaseMs_ = 0;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 10:
          name_ = r.name();
          break;
        case 16:
          token_ = r.uint64();
          break;
        case 24:
          leaseMs_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { name: name_, token: token_, leaseMs: leaseMs_ };
  }
};
var ValueServiceExtendResponse = {
  typeName: "commonhold.v1.ValueServiceExtendResponse",
  write() {
  },
  read(r, end) {
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return {};
  }
};
var ValueService = {
  typeName: "commonhold.v1.ValueService",
  methods: {
    /**
     * Makes sure that the value exists; `initial` counts only where it does not yet.
     *
     * @generated from rpc commonhold.v1.ValueService.Open
     */
    open: defineMethod({
      name: "commonhold.v1.ValueService/Open",
      service: "commonhold.v1.ValueService",
      input: ValueServiceOpenRequest,
      output: ValueServiceOpenResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    }),
    /**
     * The value. Does not wait for the lock.
     *
     * @generated from rpc commonhold.v1.ValueService.Get
     */
    get: defineMethod({
      name: "commonhold.v1.ValueService/Get",
      service: "commonhold.v1.ValueService",
      input: ValueServiceGetRequest,
      output: ValueServiceGetResponse,
      idempotency: "read",
      blocking: false,
      takes: false
    }),
    /**
     * Replaces the value; waits while another holds the lock.
     *
     * @generated from rpc commonhold.v1.ValueService.Set
     */
    set: defineMethod({
      name: "commonhold.v1.ValueService/Set",
      service: "commonhold.v1.ValueService",
      input: ValueServiceSetRequest,
      output: ValueServiceSetResponse,
      idempotency: "idempotent",
      blocking: true,
      takes: false
    }),
    /**
     * Adds to a number; answers the new one; waits while another holds the lock.
     *
     * @generated from rpc commonhold.v1.ValueService.Add
     */
    add: defineMethod({
      name: "commonhold.v1.ValueService/Add",
      service: "commonhold.v1.ValueService",
      input: ValueServiceAddRequest,
      output: ValueServiceAddResponse,
      idempotency: "unknown",
      blocking: true,
      takes: false
    }),
    /**
     * Replaces the value if it is what is expected; waits while another holds the lock.
     *
     * @generated from rpc commonhold.v1.ValueService.CompareAndSet
     */
    compareAndSet: defineMethod({
      name: "commonhold.v1.ValueService/CompareAndSet",
      service: "commonhold.v1.ValueService",
      input: ValueServiceCompareAndSetRequest,
      output: ValueServiceCompareAndSetResponse,
      idempotency: "unknown",
      blocking: true,
      takes: false
    }),
    /**
     * Takes the lock and answers the value with it. TIMEOUT when the timeout ends first.
     *
     * @generated from rpc commonhold.v1.ValueService.Lock
     */
    lock: defineMethod({
      name: "commonhold.v1.ValueService/Lock",
      service: "commonhold.v1.ValueService",
      input: ValueServiceLockRequest,
      output: ValueServiceLockResponse,
      idempotency: "unknown",
      blocking: true,
      takes: true
    }),
    /**
     * Writes the value where one is given, and frees the lock. NOT_OWNER when the token does not hold it.
     *
     * @generated from rpc commonhold.v1.ValueService.Unlock
     */
    unlock: defineMethod({
      name: "commonhold.v1.ValueService/Unlock",
      service: "commonhold.v1.ValueService",
      input: ValueServiceUnlockRequest,
      output: ValueServiceUnlockResponse,
      idempotency: "unknown",
      blocking: false,
      takes: false
    }),
    /**
     * Sets the lease of a hold to end in so many milliseconds from now.
     *
     * @generated from rpc commonhold.v1.ValueService.Extend
     */
    extend: defineMethod({
      name: "commonhold.v1.ValueService/Extend",
      service: "commonhold.v1.ValueService",
      input: ValueServiceExtendRequest,
      output: ValueServiceExtendResponse,
      idempotency: "idempotent",
      blocking: false,
      takes: false
    })
  }
};

// dist/proto/gen/commonhold/v1/errors_wire.js
var Error2 = {
  typeName: "commonhold.v1.Error",
  write(w, m) {
    if (m.code !== 0)
      w.uint32(8, m.code);
    if (m.message !== "")
      w.string(18, m.message);
    if (m.object !== "")
      w.string(26, m.object);
    if (m.method !== "")
      w.string(34, m.method);
    if (m.retryable !== false)
      w.bool(40, m.retryable);
    if (m.mayHaveExecuted !== false)
      w.bool(48, m.mayHaveExecuted);
    if (m.accepted !== void 0) {
      w.uint32(56, m.accepted);
    }
  },
  read(r, end) {
    let code_ = 0;
    let message_ = "";
    let object_ = "";
    let method_ = "";
    let retryable_ = false;
    let mayHaveExecuted_ = false;
    let accepted_;
    while (r.position < end) {
      const tag = r.tag();
      switch (tag) {
        case 8:
          code_ = r.uint32();
          break;
        case 18:
          message_ = r.string();
          break;
        case 26:
          object_ = r.string();
          break;
        case 34:
          method_ = r.string();
          break;
        case 40:
          retryable_ = r.bool();
          break;
        case 48:
          mayHaveExecuted_ = r.bool();
          break;
        case 56:
          accepted_ = r.uint32();
          break;
        default:
          r.skip(tag);
      }
    }
    r.finish(end);
    return { code: code_, message: message_, object: object_, method: method_, retryable: retryable_, mayHaveExecuted: mayHaveExecuted_, accepted: accepted_ };
  }
};

// dist/proto/wire/framing.js
var PREFIX_BYTES = 5;
function writePrefix(message) {
  message[0] = 0;
  message.writeUInt32BE(message.length - PREFIX_BYTES, 1);
}
var Deframer = class {
  deliver;
  maxBytes;
  #rest = [];
  #bytes = 0;
  /** Bytes the next message needs, its prefix included, as far as known. */
  #needed = PREFIX_BYTES;
  constructor(deliver, maxBytes = Infinity) {
    this.deliver = deliver;
    this.maxBytes = maxBytes;
  }
  /** Throws {@link MalformedError} for a compressed or too large message. */
  push(chunk) {
    this.#rest.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed)
      return;
    const all = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest, this.#bytes);
    let begin = 0;
    this.#needed = PREFIX_BYTES;
    while (all.length - begin >= PREFIX_BYTES) {
      const end = begin + PREFIX_BYTES + this.#length(all, begin);
      if (end > all.length) {
        this.#needed = end - begin;
        break;
      }
      this.deliver(all.subarray(begin + PREFIX_BYTES, end));
      begin = end;
    }
    this.#bytes = all.length - begin;
    this.#rest = this.#bytes === 0 ? [] : [all.subarray(begin)];
  }
  #length(bytes2, at) {
    if (bytes2[at] !== 0)
      throw new MalformedError("a compressed message, where none was agreed");
    const length = bytes2.readUInt32BE(at + 1);
    if (length > this.maxBytes)
      throw new MalformedError(`a message of ${length} bytes, where ${this.maxBytes} are the most`);
    return length;
  }
};

export {
  MalformedError,
  LockService,
  ManagerService,
  Status,
  ManagerError,
  InvalidArgumentError,
  OutOfRangeError,
  NotFoundError,
  AlreadyExistsError,
  KindMismatchError,
  OptionsConflictError,
  TimeoutError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  CancelledError,
  NotOwnerError,
  LockLostError,
  PayloadTooLargeError,
  LimitExceededError,
  ManagerUnavailableError,
  SessionExpiredError,
  UnauthenticatedError,
  PermissionDeniedError,
  UnimplementedError,
  WorkerDiedError,
  ClosedError,
  ProtocolError,
  statusOf,
  toWire,
  fromWire,
  MAX_DEPTH,
  guarded,
  isWellFormed,
  binaryClass,
  bytesOf,
  isBytes,
  Reader,
  REFERENCE,
  referenceOf,
  TAG,
  payloadString,
  isInt64,
  encodeNumber,
  encodeInteger,
  byteAt,
  encodeText,
  encodeBytes,
  DictService,
  Writer,
  JSON_TAG,
  OpaqueInstance,
  AnyMessage,
  errorParts,
  kindOf,
  encodePayload,
  decodePayload,
  decodeOpaque,
  ListService,
  QueueService,
  ValueService,
  Error2 as Error,
  PREFIX_BYTES,
  writePrefix,
  Deframer
};
