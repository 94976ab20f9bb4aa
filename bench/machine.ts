import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Directory of package.json, found from the compiled file, because tsc copies no Python files. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Returns the path of a file in the source tree, such as a Python peer. */
export function sourceFile(path: string): string {
  return join(packageRoot, path);
}

/** Returns the path of a compiled file beside this one, such as a worker. */
export function compiledFile(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Returns the version that a command prints; undefined if this machine does not have the command. */
export function versionOf(command: string): string | undefined {
  try {
    const said = execFileSync(command, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /\d+(\.\d+)+/.exec(said)?.[0] ?? 'unknown';
  } catch {
    return undefined;
  }
}

/** Returns the resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} does not say how much memory it uses`);
  return Number(kilobytes) * 1024;
}

/** Describes the machine in one line of the report, because figures of different machines must not be compared. */
export function describeMachine(): string {
  const parts = [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown processor'})`,
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    versioned('Redis', 'redis-server'),
    versioned('Python', 'python3'),
  ];
  return parts.join(', ');
}

function versioned(name: string, command: string): string {
  const version = versionOf(command);
  return version === undefined ? `no ${name}` : `${name} ${version}`;
}

function findPackageRoot(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('no package.json above the bench');
  return findPackageRoot(parent);
}
