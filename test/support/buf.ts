import { fileURLToPath } from 'node:url';
import { Program, type Exit } from './program.js';

const BUF = fileURLToPath(new URL('../../../node_modules/.bin/buf', import.meta.url));

/** `buf` with these parameters, from start to end. */
export function buf(...parameters: readonly string[]): Promise<Exit> {
  return new Program(BUF, parameters).exited;
}

/** `buf curl`, the twin of grpcurl that comes with npm: it knows of a daemon what reflection tells it. */
export function bufCurl(flags: readonly string[], url: string): Promise<Exit> {
  return buf('curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...flags, url);
}
