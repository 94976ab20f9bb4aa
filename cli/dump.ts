import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ManagerServiceDumpResponse as DumpPage } from '../proto/gen/commonhold/v1/manager_wire.js';
import { messageToJson } from '../proto/json/message-json.js';
import { requestTypeOf } from '../proto/json/methods.js';
import { callLine, endLine, headLine, undumpedLine, type DumpCounts } from './dump-lines.js';
import type { DumpSource } from './dump-source.js';
import type { ProgressBar } from './progress.js';

/**
 * Writes all that a source has, as fast as it is read.
 * @param progress counts objects, and is told of each that is left out
 */
export async function dump(source: DumpSource, output: Writable, progress: ProgressBar): Promise<DumpCounts> {
  const counts: DumpCounts = { objects: 0, calls: 0, undumped: 0 };
  let pageToken = '';
  do {
    const page = await source.page(pageToken, (page) => ({ lines: linesOf(page, counts, progress), next: page.nextPageToken }));
    await write(output, pageToken === '' ? [headLine(source.time()), ...page.lines] : page.lines);
    progress.update(counts.objects, `${counts.calls} calls`);
    pageToken = page.next;
  } while (pageToken !== '');
  await write(output, [endLine(counts)]);
  return counts;
}

function linesOf({ calls, undumped }: DumpPage, counts: DumpCounts, progress: ProgressBar): string[] {
  const lines: string[] = [];
  for (const { method, request } of calls) {
    counts.calls++;
    if (method.endsWith('/Open')) counts.objects++;
    lines.push(callLine(method, messageToJson(requestTypeOf(method)!, request)));
  }
  for (const { kind, name, reason } of undumped) {
    counts.undumped++;
    progress.tell(`the ${kind} "${name}" is not in the dump: ${reason}`);
    lines.push(undumpedLine(kind, name, reason));
  }
  return lines;
}

async function write(output: Writable, lines: readonly string[]): Promise<void> {
  if (lines.length > 0 && !output.write(lines.join(''))) await once(output, 'drain');
}
