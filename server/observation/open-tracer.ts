import { InvalidArgumentError } from '../../proto/errors.js';
import { quoted } from '../../proto/given.js';
import type { ServerTracer } from './tracer.js';

/** The packages that a manager with `otlp` needs beside its own. */
const PACKAGES = '@opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/resources @opentelemetry/exporter-trace-otlp-http';

/** Opens the tracer that a manager was asked for; undefined for none. @throws InvalidArgumentError if the URL is none, or a package is missing */
export async function openTracer(otlp: string | undefined): Promise<ServerTracer | undefined> {
  if (otlp === undefined) return undefined;
  if (!URL.canParse(otlp) || !/^https?:$/.test(new URL(otlp).protocol)) {
    throw new InvalidArgumentError(`otlp is ${quoted(otlp)}: give the URL of a collector, such as http://127.0.0.1:4318`);
  }
  const { otlpTracer } = await import('./otlp-tracer.js').catch((cause: unknown) => {
    throw new InvalidArgumentError(`otlp needs packages that are not here: npm install ${PACKAGES}`, { cause });
  });
  return otlpTracer(otlp);
}
