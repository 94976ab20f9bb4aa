import { InvalidArgumentError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Clock } from '../../core/clock.js';
import type { UserCode } from '../../core/system.js';
import type { Member, TypeDescription } from '../../types.js';
import { SerialQueue } from '../collections/serial-queue.js';
import { SharedObject } from '../lifetime/keyspace.js';

/** An instance of a registered type. */
export class RegisteredObject extends SharedObject {
  readonly kind = 'object';
  readonly size = 1;
  readonly serialQueue: SerialQueue;
  /** True if the instance was restored: calls that came before have arguments without instances. */
  revived = false;

  constructor(
    clock: Clock,
    private readonly userCode: UserCode,
    name: string,
    public type: TypeDescription,
    /** Undefined in an engine that is given the turns of another one, in which no users' code runs. */
    public instance: object | undefined,
    /** The value that the instance saved when it was used last; undefined if it never was, or cannot be restored. */
    public saved: Payload | undefined,
  ) {
    super(name);
    this.serialQueue = new SerialQueue(clock, userCode, name);
  }

  override get waiters(): number {
    return this.serialQueue.waiting;
  }

  override options(): Record<string, string> {
    return { type: this.type.name };
  }

  /** The instance is in the users' code. */
  override state() {
    return { type: this.type.name, saved: this.saved, serialQueue: this.serialQueue.state() };
  }

  /** Only while no code of it runs. */
  override restore(): void {}

  member(name: string): Member {
    const member = this.type.members.get(name);
    if (member) return member;
    const exposed = [...this.type.members.keys()].join(', ') || 'nothing';
    throw new InvalidArgumentError(
      `the type "${this.type.name}" exposes no "${name.slice(0, 100)}", but ${exposed}; fields only where its static \`exposed\` names them`,
      { object: this.name },
    );
  }

  override destroyed(): void {
    this.serialQueue.end(() => this.#dispose());
  }

  /** Disposes of the instance as `using` would. */
  #dispose(): void {
    if (this.instance === undefined) return;
    const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = this.instance as Partial<AsyncDisposable & Disposable>;
    const end = later ?? now;
    if (end) this.userCode.runDetached(() => Reflect.apply(end, this.instance, []));
  }
}
