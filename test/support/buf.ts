import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Program, type Exit } from './program.js';

const PACKAGES = new URL('../../../node_modules/@bufbuild/', import.meta.url);
/** The program for this platform. The command of the package starts it from a process of Node, which takes longer than its work. */
const BUF = fileURLToPath(new URL(`${readdirSync(PACKAGES).find((name) => name.startsWith('buf-'))}/bin/buf`, PACKAGES));

/** Runs `buf` with these parameters to its end. */
export function buf(...parameters: readonly string[]): Promise<Exit> {
  return new Program(BUF, parameters).exited;
}

/** Runs `buf curl`, the counterpart of grpcurl from npm: it knows of a daemon only by reflection. */
export function bufCurl(flags: readonly string[], url: string): Promise<Exit> {
  return buf('curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...flags, url);
}
