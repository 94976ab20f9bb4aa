// A worker's module with OpenTelemetry, whose function makes a call. The last of argv is the base of the collector's URLs.
import { context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, StackContextManager, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SharedDict } from 'commonhold';

const exporter = new OTLPTraceExporter({ url: `${process.argv.at(-1)}/v1/traces` });
const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new StackContextManager().enable());
process.once('beforeExit', () => void provider.shutdown());

export default async function (dict: SharedDict<string, number> | undefined): Promise<void> {
  if (dict === undefined) throw new RangeError('no dict');
  await dict.add('runs');
}

export const teardown = (): Promise<void> => provider.shutdown();
