// A program with OpenTelemetry: argv has the manager's address and the base of the collector's URLs. Writes the points of its metric.
import { context, metrics, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, StackContextManager, TracerProvider } from '@opentelemetry/sdk-trace';
import { Manager } from 'commonhold';

const [address, collector] = process.argv.slice(2) as [string, string];
const provider = new TracerProvider({
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${collector}/v1/traces` }) })],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new StackContextManager().enable());
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
metrics.setGlobalMeterProvider(
  new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })] }),
);

const manager = await Manager.connect(address, { telemetry: true });
const job = trace.getTracer('test').startSpan('a job');
const inJob = trace.setSpan(context.active(), job);
await context.with(inJob, () => manager.dict('traced').set('key', 1));
await context.with(inJob, () => manager.queue('empty').get({ timeout: 0 })).catch((error: unknown) => console.log((error as Error).name));
const waiting = context.with(inJob, () => manager.queue('waiting').get());
await manager.queue('waiting').put('item');
await waiting;
const task = new URL('traced-task.js', import.meta.url);
const pool = manager.pool<typeof import('./traced-task.js')>(task, { processes: 1, argv: [collector] });
await context.with(inJob, () => pool.map([manager.dict('pooled')]));
await context.with(inJob, () => pool.apply(undefined)).catch(() => {});
await pool.close();
await pool.join();
await context.with(inJob, () =>
  manager.worker({ argv: [collector] }).thread<typeof import('./traced-task.js')>(task, manager.dict('threaded')),
).result;
job.end();
await manager.close();

await (metrics.getMeterProvider() as unknown as MeterProvider).forceFlush();
for (const { scopeMetrics } of measured.getMetrics()) {
  for (const metric of scopeMetrics.flatMap((scope) => scope.metrics)) {
    for (const { attributes, value } of metric.dataPoints) {
      const { count } = value as { count: number };
      console.log(JSON.stringify({ name: metric.descriptor.name, unit: metric.descriptor.unit, attributes, count }));
    }
  }
}
await provider.shutdown();
