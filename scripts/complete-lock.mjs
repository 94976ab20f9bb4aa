// Completes package-lock.json with the packages that npm left out because they are for other platforms
// and the registry at hand has none of them. `npm ci` refuses a lock without them, on every platform.
// Their version is the exact one that the package which wants them names; they get no checksum, since
// nobody here has seen them.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']);
const CPU = new Map([['aarch64', 'arm64'], ['armv7', 'arm'], ...['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'].map((cpu) => [cpu, cpu])]);
const LIBC = new Map([['gnu', 'glibc'], ['gnueabihf', 'glibc'], ['musl', 'musl'], ['musleabihf', 'musl']]);

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const missing = [];
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const words = name.split(/[-/]/);
    const os = words.find((word) => OS.has(word));
    const cpu = words.map((word) => CPU.get(word)).find((word) => word !== undefined);
    if (!os || !cpu || !/^\d+\.\d+\.\d+[^ ]*$/.test(version) || lock.packages[`node_modules/${name}`]) continue;
    const libc = os === 'linux' ? words.map((word) => LIBC.get(word)).find((word) => word !== undefined) : undefined;
    missing.push([`node_modules/${name}`, { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc: [libc] }), optional: true, os: [os] }]);
  }
}

const [root, ...others] = Object.entries(lock.packages);
const packages = [...others, ...missing].sort(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages: Object.fromEntries([root, ...packages]) }, null, 2)}\n`);
for (const [path] of missing) console.log(`added ${path}`);
