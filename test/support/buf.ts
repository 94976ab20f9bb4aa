import { fileURLToPath } from 'node:url';
import { Program, type Exit } from './program.js';

const BUF = fileURLToPath(new URL('../../../node_modules/.bin/buf', import.meta.url));

/** Runs `buf` with these parameters to its end. */
export function buf(...parameters: readonly string[]): Promise<Exit> {
  return new Program(BUF, parameters).exited;
}

/** Runs `buf curl`, the counterpart of grpcurl from npm: it knows of a daemon only by reflection. */
export function bufCurl(flags: readonly string[], url: string): Promise<Exit> {
  return buf('curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...flags, url);
}
