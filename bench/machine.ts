import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of package.json, from wherever the compiled file lies: tsc copies no Python files. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Path of a file in the source tree, such as a Python peer. */
export function sourceFile(path: string): string {
  return join(packageRoot, path);
}

/** Path of a compiled file beside this one, such as a worker. */
export function compiledFile(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** The version a command says it has; undefined if this machine does not have it. */
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

/** Memory of a process that is in use, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} does not say how much memory it uses`);
  return Number(kilobytes) * 1024;
}

/** One line for the report: figures of different machines are not to be compared. */
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
