import {
  context,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { parseAddress } from '../../proto/address.js';
import { ManagerError } from '../../proto/errors.js';
import { decodeTraceContext, encodeTraceContext } from '../../proto/trace-context.js';
import { VERSION } from '../../proto/version.js';
import type { Method } from '../../proto/wire/codec.js';
import type { TaskTracer } from '../workers/task-tracer.js';
import { quoted } from '../../proto/given.js';
import type { CallTracer } from './transport/transport.js';

/** Upper ends of the ranges of times, in seconds, as the conventions for remote calls have them. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Makes a span and a measurement of each call, by OpenTelemetry's conventions for remote calls, and a span of each task of a worker, with
 * the providers that the program has registered. https://opentelemetry.io/docs/specs/semconv/rpc/
 */
export class Telemetry implements CallTracer, TaskTracer {
  readonly #tracer = trace.getTracer('commonhold', VERSION);
  readonly #times = metrics.getMeter('commonhold', VERSION).createHistogram('rpc.client.call.duration', {
    unit: 's',
    description: 'Duration of calls to the manager, with the time that they wait',
    advice: { explicitBucketBoundaries: SECONDS },
  });
  readonly #servers = new Map<string, Attributes>();

  traced<R>(method: Method, request: unknown, address: string, call: (traceContext: Uint8Array) => Promise<R>): Promise<R> {
    const attributes: Attributes = { 'rpc.system.name': 'commonhold', 'rpc.method': method.name, ...this.#serverAt(address) };
    const object = (request as { readonly name?: string }).name;
    const span = this.#tracer.startSpan(method.name, { kind: SpanKind.CLIENT, attributes: { ...attributes, 'commonhold.object': object } });
    const began = performance.now();
    const ended = (more: Attributes): void => {
      span.setAttributes(more);
      span.end();
      this.#times.record((performance.now() - began) / 1_000, { ...attributes, ...more });
    };
    const answer = call(contextOf(span.spanContext()));
    answer.then(
      () => ended({ 'rpc.response.status_code': 'OK' }),
      (error: unknown) => {
        ended(failed(span, error));
      },
    );
    return answer;
  }

  activeContext(): Uint8Array | undefined {
    const active = trace.getSpanContext(context.active());
    return active && contextOf(active);
  }

  async task<R>(name: string, parent: Uint8Array | undefined, run: () => R): Promise<Awaited<R>> {
    const around = parent && decodeTraceContext(parent);
    const outer = around ? trace.setSpanContext(ROOT_CONTEXT, { ...around, traceFlags: around.flags, isRemote: true }) : ROOT_CONTEXT;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CONSUMER }, outer);
    try {
      return await context.with(trace.setSpan(outer, span), run);
    } catch (error) {
      span.setAttributes(failed(span, error));
      throw error;
    } finally {
      span.end();
    }
  }

  #serverAt(address: string): Attributes {
    let server = this.#servers.get(address);
    if (server === undefined) {
      const parsed = parseAddress(address);
      server = 'path' in parsed ? { 'server.address': parsed.path } : { 'server.address': parsed.host, 'server.port': parsed.port };
      this.#servers.set(address, server);
    }
    return server;
  }
}

/** Marks a span as failed, and returns the attributes of the error. One without a code comes from the program, such as the reason of a signal. */
function failed(span: Span, error: unknown): Attributes {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : quoted(error) });
  if (error instanceof ManagerError) return { 'rpc.response.status_code': error.code, 'error.type': error.code };
  return { 'error.type': error instanceof Error ? error.name : '_OTHER' };
}

function contextOf({ traceId, spanId, traceFlags }: SpanContext): Uint8Array {
  return encodeTraceContext({ traceId, spanId, flags: traceFlags });
}
