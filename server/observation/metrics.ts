import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ManagerServiceStatsResponse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { VERSION } from '../../proto/version.js';
import type { ServedManager } from '../manager.js';
import { histogramMetric, type Series } from './histogram-metric.js';
import { statsOf } from './stats.js';

/** The gauges that are one number of the statistics: their names, descriptions, and fields. */
const NUMBERS: readonly (readonly [name: string, help: string, field: NumberField])[] = [
  ['commonhold_objects', 'Objects', 'objects'],
  ['commonhold_payload_bytes', 'Bytes of the payloads of all objects', 'bytes'],
  ['commonhold_sessions', 'Open sessions', 'sessions'],
  ['commonhold_waiters', 'Calls that wait for an action of another client', 'waiters'],
  ['commonhold_watches', 'Watches that have not ended', 'watches'],
  ['commonhold_holds', 'Holds of locks and permits', 'heldLocks'],
  ['commonhold_calls_in_flight', 'Calls of sessions that are not answered', 'callsInFlight'],
  ['commonhold_kept_answers', 'Answers that are kept until their clients have them', 'keptAnswers'],
];

type NumberField = {
  [Field in keyof ManagerServiceStatsResponse]-?: ManagerServiceStatsResponse[Field] extends number ? Field : never;
}[keyof ManagerServiceStatsResponse];

/** The metrics of a manager, of its process included, in the text form of Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #numbers = NUMBERS.map(([name, help, field]) => ({ gauge: this.#gauge(name, help), field }));
  readonly #takesChanges = this.#gauge('commonhold_takes_changes', '1 while the manager takes changes, 0 while it only reads');
  readonly #used = this.#gauge('commonhold_limit_used', 'Use of a limit', 'limit');
  readonly #most = this.#gauge('commonhold_limit', 'A limit', 'limit');
  readonly #calls = this.#counter('commonhold_calls_total', 'Calls that were executed', 'service', 'method');
  readonly #failures = this.#counter('commonhold_call_failures_total', 'Calls that failed, by the codes of their errors', 'code');
  readonly #slow = this.#counter('commonhold_slow_calls_total', 'Calls that took long (--slow-call)');
  readonly #received = this.#counter('commonhold_received_bytes_total', 'Bytes of requests, without their headers');
  readonly #sent = this.#counter('commonhold_sent_bytes_total', 'Bytes of answers, without their headers');
  readonly #refused = this.#counter('commonhold_limit_refused_total', 'Times that a limit refused something', 'limit');

  constructor(private readonly manager: ServedManager) {
    collectDefaultMetrics({ register: this.#registry });
    const { calls } = manager;
    this.#histogram(
      'commonhold_call_duration_seconds',
      'Time in which calls kept the manager busy; not that in which they waited for other clients',
      1_000,
      () => Array.from(calls.methodsCalled(), ({ service, method, times }) => [{ service, method }, times]),
    );
    this.#histogram('commonhold_header_bytes', 'Sizes of the headers of calls and session streams', 1, () => [[{}, calls.headers]]);
    this.#gauge('commonhold_info', 'The manager', 'version').set({ version: VERSION }, 1);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    const stats = await statsOf(this.manager);
    for (const { gauge, field } of this.#numbers) gauge.set(stats[field]);
    this.#countCalls();
    this.#refused.reset();
    this.#takesChanges.set(stats.logFailure === undefined ? 1 : 0);
    for (const { name, used, most, refused } of stats.limits) {
      const limit = name.replaceAll(' ', '_');
      this.#used.set({ limit }, used);
      this.#most.set({ limit }, most);
      this.#refused.inc({ limit }, refused);
    }
    return this.#registry.metrics();
  }

  #countCalls(): void {
    const { calls } = this.manager;
    for (const counter of [this.#calls, this.#failures, this.#slow, this.#received, this.#sent]) counter.reset();
    for (const { service, method, times } of calls.methodsCalled()) this.#calls.inc({ service, method }, times.count);
    for (const [code, count] of calls.failures) this.#failures.inc({ code }, count);
    this.#slow.inc(calls.slow.count);
    this.#received.inc(calls.received);
    this.#sent.inc(calls.sent);
  }

  /** A number that the manager counts itself, so that each scrape begins it again. */
  #counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, unit: number, all: () => Iterable<Series>): void {
    this.#registry.registerMetric(histogramMetric(name, help, unit, all));
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
