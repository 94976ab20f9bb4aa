// A leader that resigns, and whose last flush then fails, in the directory that is given: prints the position of the next leader's first record.
import { SegmentStore } from '../../../server/log/segments/segment-store.js';

await using store = new SegmentStore(process.argv[2]!, { policy: 'none' });
process.env['COMMONHOLD_FAILPOINTS'] = 'log.flush=EIO@1';
const first = await store.lead();
await first.append(Buffer.from('one'));
first.resign();
delete process.env['COMMONHOLD_FAILPOINTS'];
const second = await store.lead();
console.log(await second.append(Buffer.from('two')));
