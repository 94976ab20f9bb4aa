import { newMachine } from '../../engine/system.js';
import type { Recorder } from '../../engine/machine/context.js';
import type { Turn } from '../../engine/machine/inputs.js';
import { stress } from '../support/stress.js';
import { writtenAndRead } from '../support/written-state.js';
import { Replay } from '../../engine/machine/replay.js';
import { digest } from '../../engine/digest.js';
import type { TypeRegistry } from '../../engine/types.js';
import type { ManagerError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { methods } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import type { ResolvedOptions } from '../../server/options.js';
import { ServedManager } from '../../server/manager.js';

/** A frame or an answer, and its receiver. */
interface Output {
  readonly to: string;
  readonly content: Buffer | string;
}

/** Number of turns after which the second machine is replaced by one that is restored from the state of the first. */
const RESTORED_AFTER = stress(100, 10);

/** Collects the outputs of one machine. */
class Outputs {
  list: Output[] = [];

  frame(session: number, frame: Buffer): void {
    this.list.push({ to: `session ${session}`, content: frame.subarray(PREFIX_BYTES) });
  }

  done(call: number, answer: Buffer | ManagerError): void {
    this.list.push({ to: `call ${call}`, content: answer instanceof Error ? `${answer.code}: ${answer.message}` : answer });
  }

  take(): Output[] {
    return this.list.splice(0);
  }
}

/** A second machine behind the one of a manager: it is given each of its turns, and should send the same. */
export class Shadow extends Outputs implements Recorder {
  readonly manager: ServedManager;
  #replay: Replay;
  readonly #replayed = new Outputs();
  /** Number of turns so far. */
  turns = 0;
  #restoreAt = RESTORED_AFTER;
  /** Number of times that the second was restored from the first. */
  restored = 0;
  /** The first thing that the two did differently. */
  difference: string | undefined;

  constructor(
    options: ResolvedOptions,
    private readonly types: TypeRegistry,
  ) {
    super();
    this.manager = new ServedManager(options, newMachine(types, this));
    this.#replay = this.#newReplay();
  }

  #newReplay(): Replay {
    const { limits, clock } = this.manager.machine;
    const record = { frame: this.#replayed.frame.bind(this.#replayed), done: this.#replayed.done.bind(this.#replayed), turn() {} };
    return new Replay(limits, this.types, clock, record, (error) => this.#differs(String(error)));
  }

  turn(turn: Turn): void {
    this.turns++;
    try {
      this.#replay.apply(turn);
    } catch (error) {
      this.#differs(`the second failed: ${(error as Error).stack}`, turn);
    }
    const [first, second] = [this.take(), this.#replayed.take()];
    if (first.length !== second.length) this.#differs(`${first.length} outputs, and ${second.length} of the second`, turn);
    for (const [index, output] of first.entries()) {
      if (!equal(output, second[index])) this.#differs(`${shown(output)}, and ${shown(second[index])} from the second`, turn);
    }
    if (this.turns >= this.#restoreAt && this.manager.machine.engine.restorable) this.#restore();
  }

  /** Compares the states of the two. */
  compareStates(): void {
    if (digest(this.manager.machine.state()) !== this.#digest()) this.#differs('the states are not the same');
  }

  /** Destroys all objects that have a name, so that no later state has them. */
  destroyObjects(): void {
    const { listObjects, destroy } = ManagerService.methods;
    for (;;) {
      const { objects } = this.#call(listObjects, { kind: '', match: '', pageToken: '', pageSize: 0 });
      if (objects.length === 0) return;
      for (const { name } of objects) this.#call(destroy, { name, kind: '' });
    }
  }

  #call<Request extends object, Response>(method: Method<Request, Response>, request: Request): Response {
    const bytes = encodeMessage(new Writer(), method.input, request);
    let response: Buffer | ManagerError | undefined;
    const call = { label: 'shadow', id: undefined, method: methods.indexOf(method), bytes, packed: true };
    this.manager.machine.call(call, (answer) => (response = answer));
    if (response === undefined || response instanceof Error) throw new Error(`${method.name} has no answer`, { cause: response });
    return decodeMessage(method.output, response);
  }

  /** Compares the states, and goes on with a second machine that is restored from the state of the first. */
  #restore(): void {
    const { machine } = this.manager;
    const state = machine.state();
    const first = digest(state);
    if (first !== this.#digest()) this.#differs('the states are not the same');
    this.restored++;
    this.#restoreAt = this.turns + RESTORED_AFTER;
    this.#replay = this.#newReplay();
    try {
      this.#replay.restore(writtenAndRead(state), undefined, machine.engine.instanceOf);
    } catch (error) {
      this.#differs(`it cannot be restored: ${(error as Error).stack}`);
    }
    if (first !== this.#digest()) this.#differs('the restored state is not the same');
  }

  /** Returns the digest of the state of the second machine. */
  #digest(): string {
    return digest(this.#replay.machine.state());
  }

  #differs(how: string, turn?: Turn): void {
    this.difference ??= `turn ${this.turns}${turn ? ` (${turn.input.type})` : ''}: ${how}`;
  }
}

function equal(one: Output, other: Output | undefined): boolean {
  if (one.to !== other?.to) return false;
  const [content, same] = [one.content, other.content];
  return typeof content === 'string' || typeof same === 'string' ? content === same : content.equals(same);
}

function shown(output: Output | undefined): string {
  if (output === undefined) return 'nothing';
  const { to, content } = output;
  return `${typeof content === 'string' ? content : content.toString('latin1').replace(/[^ -~]+/g, '·')} to ${to}`;
}
