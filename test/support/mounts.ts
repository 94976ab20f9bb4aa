import { spawnSync } from 'node:child_process';

/** Runs a command with mounts of its own; in a user namespace any user may. */
const UNSHARE = ['unshare', '--user', '--map-root-user', '--mount'];

/** Returns why no test can have a disk of its own on this system; undefined if tests can. */
export function whyNoMounts(): string | undefined {
  if (process.platform !== 'linux') return 'mount namespaces are of Linux';
  const [command, ...parameters] = [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'];
  const { error, status, stderr } = spawnSync(command, parameters, { encoding: 'utf8' });
  return status === 0 ? undefined : `this system permits no mounts: ${error?.message ?? stderr.trim()}`;
}

/** Returns a command that runs another one while a directory is a small disk. */
export function onSmallDisk(directory: string, kibibytes: number, command: readonly string[]): [string, string[]] {
  return onDisk(directory, `size=${kibibytes}k`, command);
}

/** Returns a command that runs another one while a directory is a disk with the given options of tmpfs. */
export function onDisk(directory: string, options: string, command: readonly string[]): [string, string[]] {
  const script = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"';
  const [unshare, ...parameters] = [...UNSHARE, 'sh', '-c', script, 'sh', options, directory, ...command];
  return [unshare!, parameters];
}
