import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { move } from 'commonhold';

/** A moved thing, as it is on this side. */
export interface Seen {
  readonly type: string;
  readonly bytes: number;
  readonly first: number | undefined;
}

/** Something to do with things that move. */
const DEEDS = {
  /** Looks at a view or a buffer. */
  look(thing: unknown): Seen {
    const bytes = ArrayBuffer.isView(thing) ? new Uint8Array(thing.buffer) : new Uint8Array(thing as ArrayBuffer);
    return { type: thing!.constructor.name, bytes: bytes.length, first: bytes[0] };
  },
  /** Moves its argument back, changed. */
  back(thing: unknown): unknown {
    (thing as Uint8Array)[0] = 9;
    return move(thing as Uint8Array);
  },
  /** Returns what it made, and says afterwards, by the next task, if it still has it. */
  make(bytes: unknown): unknown {
    made = new Uint8Array(bytes as number).fill(7);
    return move({ made, twice: [made] }, [made.buffer as ArrayBuffer]);
  },
  left(): unknown {
    return made!.length;
  },
  /** Answers each message of a port, until it is told to end. */
  async serve(port: unknown): Promise<unknown> {
    const from = port as MessagePort;
    let served = 0;
    from.on('message', (message) => {
      served++;
      from.postMessage(`${message as string}!`);
    });
    await once(from, 'close');
    return served;
  },
  /** Returns one end of a channel, and echoes on the other. */
  channel(): unknown {
    const { port1, port2 } = new MessageChannel();
    port2.on('message', (message) => port2.postMessage([message]));
    return move(port1);
  },
  exit(): never {
    process.exit(3);
  },
  wait(): Promise<never> {
    return new Promise(() => {});
  },
} satisfies Record<string, (thing: unknown) => unknown>;

let made: Uint8Array | undefined;

export default async function (deed: keyof typeof DEEDS, thing?: unknown): Promise<unknown> {
  return DEEDS[deed](thing);
}
