import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BoundedSemaphore, SharedDict, SharedQueue, SharedSet } from 'commonhold';

/** Keeps connections open, so that a page does not need a new one. */
const agent = new Agent({ keepAlive: true });

/** Visits links until the queue is shut down; returns the number of visited pages. */
export default async function crawl(
  origin: string,
  links: SharedQueue<string>,
  seen: SharedSet<string>,
  found: SharedDict<string, number>,
  polite: BoundedSemaphore,
  forbidden: string[],
): Promise<number> {
  let visited = 0;
  for await (const link of links) {
    try {
      const page = await fetchPage(link, polite);
      if (page === undefined) {
        await found.add('404');
        continue;
      }
      visited++;
      await Promise.all([found.add('words', page.match(/\bword\b/g)?.length ?? 0), putNew(linksOf(page, origin, forbidden), links, seen)]);
    } finally {
      await links.taskDone();
    }
  }
  agent.destroy();
  return visited;
}

async function fetchPage(link: string, polite: BoundedSemaphore): Promise<string | undefined> {
  await using _permit = await polite.acquire();
  return await new Promise((resolve, reject) => {
    get(link, { agent, headers: { 'user-agent': 'commonhold-example' } }, (response) => {
      text(response).then((body) => resolve(response.statusCode === 200 ? body : undefined), reject);
    }).on('error', reject);
  });
}

/** Returns the links of a page to its own site, each once, without the forbidden ones. */
function linksOf(page: string, origin: string, forbidden: string[]): string[] {
  const urls = Array.from(page.matchAll(/href="([^"#]+)/g), ([, path]) => new URL(path!, origin));
  const allowed = urls.filter((url) => url.origin === origin && !forbidden.some((path) => url.pathname.startsWith(path)));
  return [...new Set(allowed.map(String))];
}

/** Puts the links that are new: if several workers find a link at the same time, one of them adds it. */
async function putNew(found: string[], links: SharedQueue<string>, seen: SharedSet<string>): Promise<void> {
  const isNew = await Promise.all(found.map(async (link) => (await seen.add(link)) === 1));
  await links.putMany(found.filter((_, index) => isNew[index]));
}
