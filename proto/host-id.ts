import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Returns the identity of the calling process's host. Two processes with the same one see each other by their process ids, and are connected
 * by their kernel alone, which tells each of them when the other ends. On Linux it names the host, the start of its kernel, and the
 * namespaces of processes and networks: two containers are two hosts. Elsewhere it is the host's name.
 */
export function hostId(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const namespaces = ['pid', 'net'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
    // Two machines that were started from one snapshot share all but the name.
    return [hostname(), boot, ...namespaces].join(' ');
  } catch {
    return hostname();
  }
}
