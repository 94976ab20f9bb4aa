import * as nodeModule from 'node:module';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/** Matches the loader of tsx among a program's flags: by name, by path or as a URL. */
const TSX = /^tsx(\/esm)?$|[/\\]tsx[/\\]dist[/\\](loader|esm[/\\]index)\.mjs$/;

/** Part of tsx's package.json that locates its module API. */
interface TsxPackage {
  exports: { './esm/api': { import: { default: string } } };
}

/**
 * Lets this thread load TypeScript if the program runs under tsx. Before Node 22.15, which has the necessary hooks, tsx skips threads
 * (privatenumber/tsx#354), but its API can be called explicitly.
 */
export async function loadTypeScriptAsTheProgram(): Promise<void> {
  if (isMainThread || 'registerHooks' in nodeModule) return;
  const loader = importedByFlags().find((specifier) => TSX.test(specifier));
  if (loader === undefined) return;
  const from = nodeModule.createRequire(loader.includes('dist') ? urlOf(loader) : pathToFileURL(join(process.cwd(), 'x')).href);
  const { exports } = from('tsx/package.json') as TsxPackage;
  const api = new URL(exports['./esm/api'].import.default, pathToFileURL(from.resolve('tsx/package.json')));
  const { register } = (await import(api.href)) as { register: () => unknown };
  register();
}

/** Returns the values of `--import` and `--loader`, from the command line and the environment. */
function importedByFlags(): string[] {
  const flags = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')];
  return flags.flatMap((flag, at) => {
    const [, name, value] = /^(--import|--loader|--experimental-loader)(?:=(.*))?$/s.exec(flag) ?? [];
    return name === undefined ? [] : (value ?? flags[at + 1] ?? []);
  });
}

function urlOf(specifier: string): string {
  return isAbsolute(specifier) ? pathToFileURL(specifier).href : specifier;
}
