// @ts-check
/** Removes from dist what the compiler made of sources that are gone, so that no test of old runs. */
import { existsSync, readdirSync, rmSync } from 'node:fs';

for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  const source = path.replace(/\.(d\.ts|js|js\.map)$/, '.ts');
  if (source !== path && !existsSync(source)) rmSync(`dist/${path}`);
}
