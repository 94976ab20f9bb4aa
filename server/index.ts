export { startServer, type ManagerServer } from './server.js';
export type { ServerOptions } from './options.js';
export type { Constructor, RegisterOptions, Registry } from '../engine/types.js';
export { reference, type Handle } from '../proto/codec/handle.js';
