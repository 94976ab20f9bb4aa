import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { connectHttp2, framed, RawCall } from '../support/grpc.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';

// Traces through clients and their manager, as a collector of OpenTelemetry gets them.

const ROOT = new URL('../../../', import.meta.url);

/** A span in the JSON of OTLP. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string; readonly intValue?: number } }[];
  readonly status: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  /** Name of the service that made it. */
  readonly service: string;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
  }[];
}

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;

/** Receives spans over HTTP. */
class Collector {
  readonly spans: Span[] = [];
  readonly #server: Server = createServer((request, response) => {
    void json(request).then((sent) => {
      if (request.url === '/v1/traces') this.#take(sent as Export);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #take({ resourceSpans }: Export): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = textOf({ attributes: resource.attributes }, 'service.name')!;
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => ({ ...span, service })));
    }
  }

  find(kind: number, name: string): Span | undefined {
    return this.spans.find((span) => span.kind === kind && span.name === name);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function textOf({ attributes }: Pick<Span, 'attributes'>, wanted: string): string | undefined {
  return attributes.find(({ key }) => key === wanted)?.value.stringValue;
}

const nanoseconds = ({ startTimeUnixNano, endTimeUnixNano }: Span): bigint => BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano);

describe('a trace', () => {
  const collector = new Collector();
  const SET = 'commonhold.v1.DictService/Set';
  const GET = 'commonhold.v1.QueueService/Get';
  const TRACE = '0af7651916cd43dd8448eb211c80319c';
  let written: string;
  let address: string;

  beforeAll(async () => {
    const url = await collector.open();
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--otlp', url], { OTEL_SERVICE_NAME: 'the manager' });
    address = daemon.address;
    const program = Program.node(new URL('programs/traced.js', import.meta.url), [daemon.address, url]);
    const { code, stdout, stderr } = await program.exited;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    written = stdout;
    const connection = connectHttp2(daemon.address);
    for (const flags of ['01', '00']) {
      const headers = { traceparent: `00-${TRACE}-b7ad6b7169203331-${flags}` };
      const unary = new RawCall(connection, 'commonhold.v1.ManagerService/Info', undefined, headers);
      unary.stream.end(framed(new Uint8Array()));
      expect((await unary.ended).status).toBe(0);
    }
    connection.destroy();
    await using other = await Manager.connect(daemon.address);
    await other.set('untraced').add(1);
    // Its last spans leave before it ends.
    expect((await daemon.stop()).code).toBe(0);
    await until('all spans have arrived', () => collector.find(INTERNAL, 'a job') !== undefined);
  });
  afterAll(() => collector.close());

  test('goes from the program through its calls to the manager', () => {
    const job = collector.find(INTERNAL, 'a job')!;
    const call = collector.find(CLIENT, SET)!;
    const served = collector.find(SERVER, SET)!;
    expect(call).toMatchObject({ traceId: job.traceId, parentSpanId: job.spanId });
    expect(served).toMatchObject({ traceId: job.traceId, parentSpanId: call.spanId, service: 'the manager' });
    const [host, port] = address.split(':');
    expect(Object.fromEntries(call.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))).toEqual({
      'rpc.system.name': 'commonhold',
      'rpc.method': SET,
      'rpc.response.status_code': 'OK',
      'server.address': host,
      'server.port': Number(port),
      'commonhold.object': 'traced',
    });
    expect(textOf(served, 'rpc.method')).toBe(SET);
    expect(textOf(served, 'client.address')).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(served.status.code ?? 0).toBe(0);
  });

  test('goes on in the tasks of pools and threads, and in their calls', () => {
    const job = collector.find(INTERNAL, 'a job')!;
    const tasks = collector.spans.filter(({ kind }) => kind === CONSUMER);
    const inJob = { name: 'task traced-task.js', traceId: job.traceId, parentSpanId: job.spanId };
    expect(tasks).toMatchObject([inJob, inJob, inJob]);
    const failed = tasks.filter(({ status }) => status.code === 2);
    expect(failed.map((task) => textOf(task, 'error.type'))).toEqual(['RangeError']);
    for (const object of ['pooled', 'threaded']) {
      const call = collector.spans.find((span) => textOf(span, 'commonhold.object') === object)!;
      const task = tasks.find(({ spanId }) => spanId === call.parentSpanId)!;
      expect(task.status.code ?? 0).toBe(0);
      const served = collector.spans.find(({ kind, parentSpanId }) => kind === SERVER && parentSpanId === call.spanId);
      expect(served).toMatchObject({ name: 'commonhold.v1.DictService/Add', traceId: job.traceId });
    }
  });

  test('has the failure of a call, on both sides', () => {
    expect(written).toContain('QueueEmptyError\n');
    for (const kind of [CLIENT, SERVER]) {
      const failed = collector.spans.find((span) => span.kind === kind && span.status.code === 2)!;
      expect(failed.name).toBe(GET);
      expect(textOf(failed, 'error.type')).toBe('QUEUE_EMPTY');
      expect(textOf(failed, 'rpc.response.status_code')).toBe('QUEUE_EMPTY');
    }
  });

  test('has the wait of a call, as long as it took', () => {
    const put = collector.find(SERVER, 'commonhold.v1.QueueService/Put')!;
    const waited = collector.spans.find((span) => span.kind === SERVER && span.name === GET && span.status.code !== 2)!;
    expect(BigInt(waited.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(put.startTimeUnixNano));
    expect(nanoseconds(waited)).toBeGreaterThan(nanoseconds(put));
  });

  test('comes by the header of a unary call too, and only if it is recorded', () => {
    const infos = collector.spans.filter(({ name }) => name === 'commonhold.v1.ManagerService/Info');
    expect(infos).toMatchObject([{ kind: SERVER, traceId: TRACE, parentSpanId: 'b7ad6b7169203331' }]);
  });

  test('has no calls of clients without telemetry', () => {
    expect(collector.spans.filter(({ name }) => name.includes('SetService'))).toEqual([]);
  });

  test('has a metric beside it', () => {
    const points = written
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { name: string; unit: string; attributes: Record<string, unknown>; count: number });
    expect(new Set(points.map(({ name, unit }) => `${name} in ${unit}`))).toEqual(new Set(['rpc.client.call.duration in s']));
    const codes = points.filter(({ attributes }) => attributes['rpc.method'] === GET).map(({ attributes }) => attributes['error.type']);
    expect(codes.sort()).toEqual(['QUEUE_EMPTY', undefined]);
    expect(points.find(({ attributes }) => attributes['rpc.method'] === SET)).toMatchObject({
      count: 1,
      attributes: { 'rpc.system.name': 'commonhold', 'rpc.response.status_code': 'OK' },
    });
  });
});

test('a wrong URL is refused, and a missing package named with the command that installs it', async () => {
  expect(await commonhold(['serve', '--listen', '127.0.0.1:0', '--otlp', 'collector:4318'])).toMatchObject({
    code: 1,
    stderr: "commonhold: otlp is 'collector:4318': give the URL of a collector, such as http://127.0.0.1:4318\n",
  });
  // The package as installed without its optional peers.
  using directory = new Temporary();
  cpSync(new URL('lib', ROOT), directory.join('lib'), { recursive: true });
  mkdirSync(directory.join('node_modules'));
  for (const name of ['commander', 'pino'])
    symlinkSync(fileURLToPath(new URL(`node_modules/${name}`, ROOT)), directory.join('node_modules', name));
  cpSync(new URL('package.json', ROOT), directory.join('package.json'));
  const serve = ['serve', '--listen', '127.0.0.1:0'];
  const { code, stderr } = await Program.node(directory.join('lib/cli/main.js'), [...serve, '--otlp', 'http://127.0.0.1:4318']).exited;
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('npm install @opentelemetry/api @opentelemetry/sdk-trace') });
});
