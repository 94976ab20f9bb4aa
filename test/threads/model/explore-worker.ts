import { parentPort } from 'node:worker_threads';
import { explore, type Extent } from './explore.js';
import { FAULTS } from './faults.js';
import type { Change } from './load.js';
import { SCENARIOS } from './scenarios/index.js';
import { Code, type KernelKind } from './world.js';

/** A task of the worker, by names; it answers with a report. */
export interface Task {
  readonly scenario: string;
  readonly kernel: KernelKind;
  /** Name of the fault planted in the kernel. */
  readonly fault?: string;
  readonly extent: Extent;
  readonly seed: number;
}

const codes = new Map<string, Promise<Code>>();

function codeOf({ kernel, fault }: Task): Promise<Code> {
  const key = `${kernel} ${fault ?? ''}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = Code.load(kernel, fault === undefined ? [] : changesOf(fault))));
  return code;
}

function changesOf(fault: string): readonly Change[] {
  return FAULTS.find(({ name }) => name === fault)!.changes;
}

parentPort!.on('message', (task: Task) => {
  const scenario = SCENARIOS.find(({ name }) => name === task.scenario)!;
  void codeOf(task).then((code) => parentPort!.postMessage(explore(code, scenario, task.extent, task.seed)));
});
