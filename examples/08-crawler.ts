// A crawler: work that creates more work, and ends by itself. Four processes take links from a shared queue, and add the new links of each
// page to it. A shared set detects new links, and a shared semaphore limits the requests at a time to six. The crawler respects robots.txt.
// join() returns when every link is done.
import { Manager } from 'commonhold';
import { startSite } from './08-crawler.site.js';

const PROCESSES = 4;
const AT_ONCE = 6;

await using site = await startSite(200);
await using manager = await Manager.start();

const links = manager.queue<string>();
const seen = manager.set<string>();
const found = manager.dict<string, number>();
const polite = manager.boundedSemaphore(undefined, AT_ONCE);

const robots = await (await fetch(`${site.origin}/robots.txt`)).text();
const forbidden = Array.from(robots.matchAll(/^Disallow: *(\S+)/gm), ([, path]) => path!);
const start = `${site.origin}/`;
await seen.add(start);
await links.put(start);

await using pool = manager.pool<typeof import('./08-crawler.worker.js')>(new URL('./08-crawler.worker.js', import.meta.url), {
  processes: PROCESSES,
});
const crawl = pool.starmap(Array.from({ length: PROCESSES }, () => [site.origin, links, seen, found, polite, forbidden] as const));

await links.join(); // every link is done, so no more follow
await links.shutdown(); // the workers' loops end
const visited = (await crawl).reduce((sum, pages) => sum + pages, 0);

const { pages, private: trespasses, requests, most } = site.served;
console.log(`pages of the site: ${pages}, visited: ${visited}, broken links: ${(await found.get('404')) ?? 0}`);
console.log(`each was fetched once: ${[...requests.values()].every((times) => times === 1)}`);
console.log(`none that robots.txt forbids: ${trespasses === 0}`);
console.log(`never more than ${AT_ONCE} requests at once: ${most <= AT_ONCE}`);
console.log(`words found: ${await found.get('words')}, on the site: ${site.served.words}`);
