import { ENGINE_VERSION } from '../../../engine/versions.js';
import { DamagedLogError } from '../../../proto/errors.js';
import { LogReplay } from '../../../server/log/log-replay.js';
import type { LogReader, LogRecord } from '../../../server/log/log-store.js';
import { drawing, type Draw } from '../../support/random.js';
import { MachineWorld } from '../machine-world.js';
import { Mutator } from '../mutator.js';
import { validRequests } from '../requests.js';
import type { Round, Target } from '../target.js';

/** The records of a log, in place of the next one behind those before: each is applied, or refused as damaged. */
export const target: Target = {
  inputs: 50,
  begin: async (seed) => {
    const records = recordsOf(seed);
    return new RecordRound(seed, records, await replayed(records, 0));
  },
};

/** Records of a log, and calls in each. */
const RECORDS = 10;
const CALLS = 4;
/** Time in milliseconds that goes on between two records. */
const MS = [0, 1, 10, 2_000];

class RecordRound implements Round {
  readonly #draw: Draw;
  readonly #mutator: Mutator;
  /** Number of records that the replay has applied. */
  #applied = 0;

  constructor(
    seed: number,
    private readonly records: readonly Uint8Array[],
    private replay: LogReplay,
  ) {
    this.#draw = drawing(seed);
    this.#mutator = new Mutator(this.#draw, records);
  }

  next(): Uint8Array {
    return this.#mutator.mutated(this.records[this.#applied]!);
  }

  async take(bytes: Uint8Array): Promise<void> {
    try {
      this.replay.apply(recordOf(bytes, this.#applied));
    } catch (error) {
      if (!(error instanceof DamagedLogError)) throw error;
    }
    if (this.#draw(3) === 0) this.#applied = (this.#applied + 1) % RECORDS;
    this.replay = await replayed(this.records, this.#applied);
  }
}

/** The log of a manager, with a few calls in each record. */
function recordsOf(seed: number): Uint8Array[] {
  const draw = drawing(seed);
  const world = new MachineWorld(true);
  const requests = validRequests(seed);
  return Array.from({ length: RECORDS }, (_, index) => {
    for (let calls = CALLS; calls > 0; calls--) {
      const { index: method, bytes } = requests[draw(requests.length)]!;
      world.call({ label: 'caller', id: undefined, token: undefined, method, bytes, packed: draw(2) === 0 });
    }
    world.time.advance(MS[draw(MS.length)]!);
    return world.takeRecord(index === 0);
  });
}

function recordOf(bytes: Uint8Array, index: number): LogRecord {
  return { position: index + 1, epoch: 1, format: ENGINE_VERSION, bytes };
}

/** Applies the first records of a log. */
async function replayed(records: readonly Uint8Array[], count: number): Promise<LogReplay> {
  const log: LogReader = {
    async snapshot() {
      return undefined;
    },
    async *read(from) {
      for (let index = from - 1; index < records.length; index++) yield recordOf(records[index]!, index);
    },
  };
  const replay = await LogReplay.begin(log);
  await replay.applyRest(log, count);
  return replay;
}
