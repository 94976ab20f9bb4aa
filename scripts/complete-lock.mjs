// @ts-check
/**
 * Completes package-lock.json with the packages that npm left out because they are for other platforms and the registry does not have them:
 * `npm ci` refuses a lock without them, on every platform. The added entries have the exact version of the dependency, and no checksum,
 * because the packages are not available here.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Words in the name of a package that name its platform. */
const OS = words('aix android darwin freebsd linux netbsd openbsd openharmony sunos win32');
const CPU = words('aarch64=arm64 arm arm64 armv7=arm ia32 loong64 mips64el ppc64 riscv64 s390x x64');
const LIBC = words('gnu=glibc gnueabihf=glibc musl musleabihf=musl');

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { '': root, ...packages } = lock.packages;
for (const { optionalDependencies = {}, dev } of Object.values(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    const [os, cpu, libc] = [OS, CPU, LIBC].map((known) =>
      name
        .split(/[-/]/)
        .map((word) => known.get(word))
        .find(Boolean),
    );
    if (packages[path] || !os || !cpu || !/^\d+\.\d+\.\d+\S*$/.test(version)) continue;
    packages[path] = {
      version,
      cpu: [cpu],
      ...(dev && { dev }),
      ...(os === 'linux' && libc && { libc: [libc] }),
      optional: true,
      os: [os],
    };
    console.log(`added ${name}`);
  }
}
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = { '': root, ...Object.fromEntries(sorted) };
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);

/** @param {string} list */
function words(list) {
  return new Map(
    list.split(' ').map((word) => {
      const [said, meant = said] = word.split('=');
      return /** @type {[string, string]} */ ([said, meant]);
    }),
  );
}
