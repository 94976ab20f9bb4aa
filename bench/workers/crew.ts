import { once } from 'node:events';
import { parentPort, Worker, type Transferable } from 'node:worker_threads';
import type { RoundAnswer, RoundRequest } from '../rounds.js';

/**
 * A thread of a measuring process. It answers requests by the protocol of `rounds.ts`, as the process itself does, so that commonhold and
 * the peers are started, warmed up and timed alike.
 */
export class Thread {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Starts a thread and waits until it serves. */
  static async start(module: URL, workerData: unknown, transferList: readonly Transferable[] = []): Promise<Thread> {
    const worker = new Worker(module, { workerData, transferList: [...transferList] });
    await once(worker, 'message');
    // The process ends when the bench closes its input, even if its threads wait.
    worker.unref();
    return new Thread(worker);
  }

  /** Measures one round. Fails with the error of the thread. */
  async round(request: RoundRequest): Promise<RoundAnswer> {
    const answered = once(this.#worker, 'message');
    this.#worker.postMessage(request);
    const [answer] = (await answered) as [RoundAnswer];
    return answer;
  }
}

/** Threads that work at the same time on the same object. */
export class Crew {
  private constructor(private readonly threads: readonly Thread[]) {}

  /** Starts `count` threads of a module, each with the same data. */
  static async start(module: URL, count: number, workerData: unknown): Promise<Crew> {
    return new Crew(await Promise.all(Array.from({ length: count }, () => Thread.start(module, workerData))));
  }

  /** Measures one round in all threads: their rates add up. */
  async round(request: RoundRequest): Promise<RoundAnswer> {
    return addedUp(await Promise.all(this.threads.map((thread) => thread.round(request))));
  }
}

/** The thread's side: measures one round for each request. */
export function serveThread(measure: (request: RoundRequest) => RoundAnswer | Promise<RoundAnswer>): void {
  parentPort!.on('message', (request: RoundRequest) => {
    // An error is not caught: it ends the thread, and the round fails with it.
    void Promise.resolve(measure(request)).then((answer) => parentPort!.postMessage(answer));
  });
  parentPort!.postMessage('ready');
}

/** Adds up the answers of threads that worked at the same time. */
export function addedUp(answers: readonly RoundAnswer[]): RoundAnswer {
  const operations = answers.reduce((sum, answer) => sum + answer.operations, 0);
  const rate = answers.reduce((sum, answer) => sum + answer.operations / answer.seconds, 0);
  return { operations, seconds: operations / rate };
}
