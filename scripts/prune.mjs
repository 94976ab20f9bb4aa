// @ts-check
/** Removes compiled files from dist whose sources no longer exist, so that no outdated test runs. */
import { existsSync, readdirSync, rmSync } from 'node:fs';

for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  const source = path.replace(/\.(d\.ts|js|js\.map)$/, '.ts');
  if (source !== path && !existsSync(source)) rmSync(`dist/${path}`);
}
