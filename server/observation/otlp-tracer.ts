import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { VERSION } from '../../proto/version.js';
import type { ServerTracer } from './tracer.js';

/** Makes spans by OpenTelemetry's conventions for remote calls, and sends them to a collector. @param otlp base of its URLs */
export function otlpTracer(otlp: string): ServerTracer {
  const own = resourceFromAttributes({ 'service.name': 'commonhold', 'service.version': VERSION, 'process.pid': process.pid });
  const provider = new TracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come last.
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${otlp.replace(/\/$/, '')}/v1/traces` }) })],
  });
  const tracer = provider.getTracer('commonhold', VERSION);
  return {
    begin({ traceId, spanId, flags }, method, client) {
      const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: flags, isRemote: true });
      const attributes = { 'rpc.system.name': 'commonhold', 'rpc.method': method, 'client.address': client };
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
      return (error) => {
        span.setAttribute('rpc.response.status_code', error?.code ?? 'OK');
        if (error !== undefined) {
          span.setAttribute('error.type', error.code);
          span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        }
        span.end();
      };
    },
    close: () => provider.shutdown(),
  };
}
