export { startServer, type ManagerServer } from './server.js';
export type { ServerOptions } from './options.js';
