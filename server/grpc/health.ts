import { status, type handleServerStreamingCall, type handleUnaryCall } from '@grpc/grpc-js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';

const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

/** The standard service grpc.health.v1.Health, for the whole server ("") and each of its services. */
export class Health {
  #status = SERVING;
  #stopped = false;
  readonly #watchers = new Set<() => void>();

  constructor(readonly services: ReadonlySet<string>) {}

  /** Reports whether the manager serves. Once it has stopped, that is false for good. */
  report(serves: boolean): void {
    const current = serves && !this.#stopped ? SERVING : NOT_SERVING;
    if (current === this.#status) return;
    this.#status = current;
    for (const tell of this.#watchers) tell();
  }

  /** Reports NOT_SERVING from now on. */
  stop(): void {
    this.#stopped = true;
    this.report(false);
  }

  readonly check: handleUnaryCall<Buffer, Buffer> = (call, done) => {
    const service = requestedService(call.request);
    if (service === undefined) done({ code: status.INVALID_ARGUMENT, details: 'malformed request' });
    else if (!this.#knows(service)) done({ code: status.NOT_FOUND, details: `no service ${service}` });
    else done(null, response(this.#status));
  };

  readonly list: handleUnaryCall<Buffer, Buffer> = (_call, done) => {
    const w = new Writer();
    for (const service of ['', ...this.services]) {
      const entry = w.open(10);
      w.string(10, service);
      w.bytes(18, response(this.#status));
      w.close(entry);
    }
    done(null, w.take());
  };

  readonly watch: handleServerStreamingCall<Buffer, Buffer> = (call) => {
    const service = requestedService(call.request);
    if (service === undefined) {
      call.emit('error', { code: status.INVALID_ARGUMENT, details: 'malformed request' });
      return;
    }
    const tell = (): void => {
      call.write(response(this.#knows(service) ? this.#status : SERVICE_UNKNOWN));
    };
    this.#watchers.add(tell);
    for (const end of ['cancelled', 'error'] as const) call.on(end, () => this.#watchers.delete(tell));
    tell();
  };

  #knows(service: string): boolean {
    return service === '' || this.services.has(service);
  }
}

/** Reads the service of a request. Returns undefined if the request is malformed. */
function requestedService(request: Buffer): string | undefined {
  const r = new Reader(request);
  let service = '';
  try {
    while (r.position < request.length) {
      const tag = r.tag();
      if (tag === 10) service = r.string();
      else r.skip(tag);
    }
    r.finish(request.length);
  } catch {
    return undefined;
  }
  return service;
}

function response(current: number): Buffer {
  const w = new Writer();
  w.uint32(8, current);
  return w.take();
}
