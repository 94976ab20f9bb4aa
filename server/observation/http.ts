import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { formatAddress, type Address } from '../../proto/address.js';
import { UnauthenticatedError } from '../../proto/errors.js';
import type { ServedManager } from '../manager.js';
import { Metrics } from './metrics.js';

/** The pages about a manager, over HTTP. */
export interface ObservationServer {
  /** Its address, with the real port. */
  readonly address: string;
  close(): void;
}

interface WebPage {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

const TEXT = 'text/plain; charset=utf-8';

/**
 * Serves `/metrics` to Prometheus, `/healthz`, which says whether the process works, and `/readyz`, which says whether the manager takes
 * changes. Rejects if the address cannot be listened on.
 */
export async function serveObservation(address: Address, manager: ServedManager): Promise<ObservationServer> {
  const metrics = new Metrics(manager);
  let takesChanges = true;
  manager.watch((takes) => (takesChanges = takes));
  const pages: Readonly<Record<string, () => WebPage | Promise<WebPage>>> = {
    '/healthz': () => ({ status: 200, text: 'ok\n' }),
    '/readyz': () => (takesChanges ? { status: 200, text: 'ok\n' } : { status: 503, text: 'the manager takes no changes\n' }),
    '/metrics': async () => ({ status: 200, text: await metrics.text(), type: metrics.contentType }),
  };
  const absent: WebPage = { status: 404, text: `there are ${Object.keys(pages).join(', ')}\n` };
  const answer = async (request: IncomingMessage): Promise<WebPage> => {
    const refused = refusal(request, manager);
    if (refused !== undefined) return refused;
    const { pathname } = new URL(request.url!, 'http://manager');
    return pages[pathname]?.() ?? absent;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (page) => send(response, page),
      (error: unknown) => send(response, { status: 503, text: `${(error as Error).message}\n` }),
    );
  });
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

/** Returns the answer that refuses a request, or undefined if it is allowed. */
function refusal({ method, headers, url }: IncomingMessage, manager: ServedManager): WebPage | undefined {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET is served\n' };
  // A page of another site may lead its own name to this address, and would then read the answer with the rights of this host.
  if (!isLocalName(headers.host) || headers.origin !== undefined) return { status: 403, text: 'not for pages of other sites\n' };
  if (url === '/healthz' || url === '/readyz') return undefined;
  const access = manager.tokens.admit(headers.authorization);
  return access instanceof UnauthenticatedError ? { status: 401, text: `${access.message}\n` } : undefined;
}

/** True for an IP address, and for `localhost`. */
function isLocalName(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? '';
  return name === 'localhost' || isIP(name) !== 0;
}

function send(response: ServerResponse, { status, text, type = TEXT }: WebPage): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(text);
}
