import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Program } from './program.js';
import { until } from './until.js';

/** Makes a network of its own; in a user namespace any user may. */
const UNSHARE = ['unshare', '--user', '--map-root-user', '--net'];
/** Name of the cable's plug in each host. */
const PLUG = 'plug';

/** Returns why no test can have two hosts on this system; undefined if tests can. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  const { error, status, stderr } = run([...UNSHARE, 'ip', 'link', 'add', PLUG, 'type', 'veth']);
  return status === 0 ? undefined : `this system permits no network namespaces: ${error?.message ?? stderr.trim()}`;
}

function run([command, ...parameters]: string[]): ReturnType<typeof spawnSync> & { stderr: string } {
  return spawnSync(command!, parameters, { encoding: 'utf8' });
}

/** A host with a network of its own. It shares file system and process ids with the system that runs the tests. */
export class Host {
  /** @param keeper a process in the network, which ends with it */
  constructor(
    readonly keeper: Program,
    /** The IP address at its end of the cable. */
    readonly ip: string,
  ) {}

  #command(command: readonly string[]): string[] {
    return ['nsenter', '--preserve-credentials', '--user', '--net', '--target', String(this.keeper.pid), ...command];
  }

  start(...command: string[]): Program {
    const [enter, ...parameters] = this.#command(command);
    return new Program(enter!, parameters);
  }

  /** Runs a built JavaScript file in a Node process. */
  node(file: URL, parameters: readonly string[]): Program {
    return this.start(process.execPath, fileURLToPath(file), ...parameters);
  }

  /** Runs a command to its end. Returns true if it succeeded. */
  tries(...command: string[]): boolean {
    return run(this.#command(command)).status === 0;
  }

  run(...command: string[]): void {
    const { status, stderr } = run(this.#command(command));
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
}

/** Two hosts and a cable between them: two network namespaces. */
export class Hosts implements AsyncDisposable {
  private constructor(
    readonly manager: Host,
    readonly client: Host,
  ) {}

  static async connected(): Promise<Hosts> {
    const [unshare, ...parameters] = UNSHARE;
    const manager = new Host(new Program(unshare!, [...parameters, 'sleep', 'infinity']), '10.77.0.1');
    // Its programs may do nothing yet while the new user is not root there.
    await until('the first host is there', () => manager.tries('ip', 'link', 'set', 'lo', 'up'));
    const client = new Host(manager.start('unshare', '--net', 'sleep', 'infinity'), '10.77.0.2');
    // As long as both hosts are one, it has a plug of that name already.
    const cable = ['ip', 'link', 'add', PLUG, 'type', 'veth', 'peer', 'name', PLUG, 'netns', String(client.keeper.pid)];
    await until('the cable is there', () => manager.tries(...cable));
    for (const host of [manager, client]) {
      host.run('ip', 'address', 'add', `${host.ip}/24`, 'dev', PLUG);
    }
    const hosts = new Hosts(manager, client);
    hosts.plugIn();
    return hosts;
  }

  /** Pulls the cable out of a host, which resets no connection. The other one only loses its carrier. */
  pull(host = this.manager): void {
    host.run('ip', 'link', 'set', PLUG, 'down');
  }

  plugIn(): void {
    for (const host of [this.manager, this.client]) host.run('ip', 'link', 'set', PLUG, 'up');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { keeper } of [this.client, this.manager]) await keeper[Symbol.asyncDispose]();
  }
}
