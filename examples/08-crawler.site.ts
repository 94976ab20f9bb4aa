// A web site of some hundred pages, which are generated on request.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Statistics of the site. */
export interface Served {
  pages: number;
  /** Requests for pages that robots.txt forbids. */
  private: number;
  /** Number of requests for each path. */
  requests: Map<string, number>;
  /** Largest number of simultaneous requests. */
  most: number;
  /** Words on all its pages. */
  words: number;
}

export interface Site extends AsyncDisposable {
  readonly origin: string;
  readonly served: Served;
}

/** Each page links to the next ones, back to earlier ones, to itself, to the private part, and sometimes to a missing page. */
export async function startSite(size: number): Promise<Site> {
  const served: Served = { pages: size, private: 0, requests: new Map(), most: 0, words: 0 };
  for (let page = 0; page < size; page++) served.words += wordsOf(page);
  let underWay = 0;
  const server = createServer((request, response) => {
    const path = request.url!;
    served.most = Math.max(served.most, ++underWay);
    served.requests.set(path, (served.requests.get(path) ?? 0) + 1);
    if (path.startsWith('/private')) served.private++;
    // Other requests run in between, as in a server that reads a database.
    setImmediate(() => {
      underWay--;
      answer(path, size, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, served, [Symbol.asyncDispose]: close };
}

function answer(path: string, size: number, response: ServerResponse): void {
  if (path === '/robots.txt') {
    response.end('User-agent: *\nDisallow: /private\n');
    return;
  }
  const page = path === '/' ? 0 : Number(/^\/page\/(\d+)$/.exec(path)?.[1] ?? NaN);
  if (!(page < size)) {
    response.writeHead(404).end('nothing here');
    return;
  }
  response.setHeader('content-type', 'text/html').end(pageOf(page, size));
}

function pageOf(page: number, size: number): string {
  const ahead = [1, 2, 3].map((step) => 3 * page + step).filter((next) => next < size);
  const links = [...ahead, page, Math.floor(page / 2)].map((next) => `/page/${next}`).filter((link) => link !== '/page/0');
  links.push('/', `/private/${page}#top`);
  if (page % 100 === 99) links.push(`/gone/${page}`);
  const text = 'word '.repeat(wordsOf(page));
  return `<html><p>${text}</p>${links.map((link) => `<a href="${link}">more</a>`).join(' ')}</html>`;
}

function wordsOf(page: number): number {
  return 10 + (page % 7);
}
