import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { formatAddress, type Address } from '../../proto/address.js';
import { UnauthenticatedError } from '../../proto/errors.js';
import type { Admit } from '../access/tokens.js';
import type { ServedManager } from '../manager.js';
import { peerOf } from '../traffic/peer-address.js';
import { consoleAsset } from './assets.js';
import { Metrics } from './metrics.js';
import { UnaryEndpoint } from './unary.js';

/** The pages about a manager, over HTTP. */
export interface ObservationServer {
  /** Its address, with the real port. */
  readonly address: string;
  close(): void;
}

interface WebPage {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
/** Connections at a time: a browser and Prometheus have less than ten. */
const MAX_CONNECTIONS = 256;

/**
 * Serves `/metrics` to Prometheus, `/healthz`, which says whether the process works, `/readyz`, which says whether the manager takes changes, the
 * console at `/`, and the methods of the contract. Rejects if the address cannot be listened on.
 * @param admit for the methods
 */
export async function serveObservation(address: Address, manager: ServedManager, admit: Admit): Promise<ObservationServer> {
  const metrics = new Metrics(manager);
  let takesChanges = true;
  manager.watch((takes) => (takesChanges = takes));
  const pages: Readonly<Record<string, () => WebPage | Promise<WebPage>>> = {
    '/healthz': () => ({ status: 200, body: 'ok\n' }),
    '/readyz': () => (takesChanges ? { status: 200, body: 'ok\n' } : { status: 503, body: 'the manager takes no changes\n' }),
    '/metrics': async () => ({ status: 200, body: await metrics.text(), headers: { ...TEXT, 'content-type': metrics.contentType } }),
  };
  const absent: WebPage = { status: 404, body: `there are /, ${Object.keys(pages).join(', ')}\n` };
  const get = async (path: string, authorization: string | undefined): Promise<WebPage> => {
    // Pages about the manager itself, as opposed to the console's code and to its life, are for its clients.
    if (path === '/metrics') {
      const access = manager.tokens.admit(authorization);
      if (access instanceof UnauthenticatedError) return { status: 401, body: `${access.message}\n` };
    }
    const page = pages[path];
    if (page !== undefined) return page();
    const asset = await consoleAsset(path);
    return asset === undefined ? absent : { status: 200, ...asset };
  };
  const endpoint = new UnaryEndpoint(manager, admit);
  const server = createServer((request, response) => {
    const pathname = pathOf(request.url!);
    const refused = refusal(request, endpoint.has(pathname));
    if (refused !== undefined) return refuse(request, response, refused);
    if (request.method === 'POST') return endpoint.serve(pathname, request, response);
    get(pathname, request.headers.authorization).then(
      (page) => (page.status === 401 ? refuse(request, response, page) : send(response, page)),
      (error: unknown) => send(response, { status: 503, body: `${(error as Error).message}\n` }),
    );
  });
  const refuse = (request: IncomingMessage, response: ServerResponse, page: WebPage): void => {
    const details = { reason: String(page.body).trim(), client: peerOf(request.socket), path: pathOf(request.url!) };
    manager.logger.often('a request was refused', details);
    send(response, page);
  };
  server.maxConnections = MAX_CONNECTIONS;
  server.listen('path' in address ? { path: address.path } : address);
  await once(server, 'listening');
  // A connection could not be accepted, for example for lack of a file descriptor. The server goes on.
  server.on('error', () => {});
  const bound = server.address()!;
  return {
    address: formatAddress(typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Returns the answer that refuses a request, or undefined if it is allowed. @param isMethod true if its path is that of a method */
function refusal({ method, headers }: IncomingMessage, isMethod: boolean): WebPage | undefined {
  const { host, origin } = headers;
  // A page of another site may lead its own name to this address, and would then read the answer with the rights of this host.
  if (!isLocalName(host) || (origin !== undefined && origin !== `http://${host}`)) {
    return { status: 403, body: 'not for pages of other sites\n' };
  }
  if (isMethod && method !== 'POST') return { status: 405, body: 'methods are called by POST\n', headers: { ...TEXT, allow: 'POST' } };
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isMethod && !isRead) return { status: 405, body: 'only GET is served\n', headers: { ...TEXT, allow: 'GET, HEAD' } };
  return undefined;
}

/** Returns the path of a request, without its query; empty if the client has sent something else. */
function pathOf(url: string): string {
  return URL.canParse(url, 'http://manager') ? new URL(url, 'http://manager').pathname : '';
}

/** True for an IP address, and for `localhost`. */
function isLocalName(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? '';
  return name === 'localhost' || isIP(name) !== 0;
}

function send(response: ServerResponse, { status, body, headers = TEXT }: WebPage): void {
  response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff' });
  response.end(body);
}
