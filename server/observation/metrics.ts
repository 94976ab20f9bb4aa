import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ManagerServiceStatsResponse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { VERSION } from '../../proto/version.js';
import type { ServedManager } from '../manager.js';
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
  readonly #calls = this.#counter('commonhold_calls_total', 'Calls since the manager started');
  readonly #refused = this.#counter('commonhold_limit_refused_total', 'Times that a limit refused something', 'limit');

  constructor(private readonly manager: ServedManager) {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge('commonhold_info', 'The manager', 'version').set({ version: VERSION }, 1);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    const stats = await statsOf(this.manager);
    for (const { gauge, field } of this.#numbers) gauge.set(stats[field]);
    this.#calls.reset();
    this.#calls.inc(stats.callsTotal);
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

  /** A number that the manager counts itself, so that each scrape begins it again. */
  #counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
