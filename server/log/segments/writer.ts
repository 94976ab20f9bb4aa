import { randomInt } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { failpoint } from '../failpoint.js';
import { checksum } from './checksum.js';
import { CONTROL, overwrite, segmentName, syncDirectory } from './files.js';
import {
  controlBlock,
  FIRST_RECORD,
  MARK,
  RECORD,
  RECORD_HEADER,
  recordSize,
  segmentHead,
  viewOf,
  writeHeader,
  type BlockHeader,
} from './format.js';
import { OpenSegment } from './open-segment.js';
import { ENTRY_LARGE, ENTRY_ORDER, RingConsumer } from './ring.js';
import { Spares } from './spares.js';
import type { ClosedSegment, WriteFailure, WriterData, WriterOrder, WriterReport, WriterStart } from './writer-messages.js';

/** Age of unflushed appends at which they are flushed, in milliseconds. A tenth of a second is promised. */
const FLUSH_AFTER = 80;
/** Pause in appends after which the next segment is prepared. */
const PREPARE_AFTER = 20;
/** Pause in appends after which the end is marked. */
const MARK_AFTER = 100;

/** Writes a log on a thread of its own, by calls that block. All appends that gather during a flush share the next one. */
export class LogWriter {
  readonly #data: WriterData;
  readonly #ring: RingConsumer;
  #segment: OpenSegment | undefined;
  #spares!: Spares;
  #closed: ClosedSegment[] = [];
  #epoch = 0;
  /** Position of the last record that was added. */
  #last = 0;
  /** Position of the last record that is known to be on the disk. */
  #durable = 0;
  /** Number of appends that were added and are not done. */
  #pending = 0;
  /** Number of the newest segment, and the number that the control file has. */
  #newest = 0;
  #recorded = 0;
  #marked = true;
  /** Time of the last write, and of the first one that is not flushed. */
  #writtenAt = 0;
  #unflushedSince = Infinity;
  #failure: WriteFailure | undefined;
  #released = false;

  constructor(data: WriterData) {
    this.#data = data;
    this.#ring = new RingConsumer(data.ring);
  }

  /** Serves the ring until the order `release`. */
  run(): void {
    while (!this.#released) {
      const { head } = this.#ring;
      if (this.#ring.advance(head)) this.#serve(head);
      else this.#rest(head);
    }
  }

  /** Serves all entries of the ring, from the one that was found. */
  #serve(head: number): void {
    do {
      if (this.#ring.kind === ENTRY_ORDER) {
        this.#commit();
        this.#obey(this.#receive() as WriterOrder);
      } else {
        // Received also after a failure: the next message belongs to another entry.
        const large = this.#ring.kind === ENTRY_LARGE ? (this.#receive() as Uint8Array) : undefined;
        this.#attempt(() => (large === undefined ? this.#add() : this.#addLarge(large)));
        this.#pending++;
      }
    } while (this.#ring.advance(head));
    this.#commit();
    this.#attempt(() => {
      if (this.#newest > this.#recorded) this.#recordNewest();
      if (this.#segment !== undefined && this.#spares.isBehind(this.#segment.fullness)) this.#spares.prepare();
    });
  }

  /** Returns the message of the port that belongs to an entry. It was sent before. */
  #receive(): unknown {
    return receiveMessageOnPort(this.#data.port)!.message as unknown;
  }

  #add(): void {
    const { at, length, bytes, view } = this.#ring;
    const size = recordSize(length);
    const segment = this.#segmentFor(size);
    const [start, end] = [at + RECORD_HEADER, at + RECORD_HEADER + length];
    const bodyCrc = checksum(bytes, start, end, segment.salt);
    writeHeader(bytes, view, at, this.#headerOf(RECORD, length, ++this.#last), bodyCrc, segment.salt);
    bytes.fill(0, end, at + size);
    segment.add(bytes.subarray(at, at + size));
  }

  #addLarge(body: Uint8Array): void {
    const size = recordSize(body.length);
    const segment = this.#segmentFor(size);
    const header = new Uint8Array(RECORD_HEADER);
    const fields = this.#headerOf(RECORD, body.length, ++this.#last);
    writeHeader(header, viewOf(header), 0, fields, checksum(body, 0, body.length, segment.salt), segment.salt);
    segment.add(header);
    segment.add(body);
    segment.add(new Uint8Array(size - RECORD_HEADER - body.length));
  }

  #headerOf(kind: number, length: number, position: number): BlockHeader {
    return { kind, length, position, format: this.#data.format, epoch: this.#epoch, durable: this.#durable };
  }

  /** Returns the segment for the next record. */
  #segmentFor(size: number): OpenSegment {
    if (this.#segment?.fits(size) === true) return this.#segment;
    return (this.#segment = this.#begin(FIRST_RECORD + size + RECORD_HEADER));
  }

  /** Ends the segment and begins another, with the next record. All records before that are durable then. */
  #begin(least: number): OpenSegment {
    this.#endSegment();
    failpoint('segment.switch');
    const { path, size, used } = this.#spares.take(least);
    const number = this.#newest + 1;
    const segmentPath = join(this.#data.directory, segmentName(number));
    renameSync(path, segmentPath);
    syncDirectory(this.#data.directory);
    this.#newest = number;
    const salt = randomInt(2 ** 32);
    const segment = new OpenSegment(number, segmentPath, size, salt, 0, used);
    segment.add(segmentHead({ number, first: this.#last + 1, epoch: this.#epoch, salt }));
    return segment;
  }

  #endSegment(): void {
    if (this.#segment === undefined) return;
    this.#segment.write();
    this.#flush();
    this.#segment.close();
    this.#closed.push({ number: this.#segment.number, size: this.#segment.size, last: this.#last });
    this.#segment = undefined;
  }

  /** Finishes the appends that were added. */
  #commit(): void {
    if (this.#pending === 0) return this.#ring.release();
    this.#attempt(() => {
      this.#segment!.write();
      this.#marked = false;
      this.#writtenAt = performance.now();
      this.#unflushedSince = Math.min(this.#unflushedSince, this.#writtenAt);
      if (this.#data.policy === 'sync' || this.#flushIsDue <= this.#writtenAt) this.#flush();
      failpoint('log.answer');
    });
    this.#ring.release();
    // After a failure there is only room to report.
    if (this.#failure !== undefined || this.#ring.complete(this.#pending)) report('progress');
    this.#pending = 0;
  }

  /** Makes all records durable that were written. */
  #flush(): void {
    this.#segment?.flush();
    this.#durable = this.#last;
    this.#unflushedSince = Infinity;
  }

  get #flushIsDue(): number {
    return this.#data.policy === 'none' ? Infinity : this.#unflushedSince + FLUSH_AFTER;
  }

  /** Sleeps until there are entries, or until there is something to do without them. */
  #rest(head: number): void {
    const chores = this.#failure === undefined ? this.#chores() : [];
    const next = chores.reduce((one, other) => (other.due < one.due ? other : one), { due: Infinity, run: () => {} });
    if (!this.#ring.wait(head, Math.max(0, next.due - performance.now()))) this.#attempt(next.run);
  }

  #chores(): { readonly due: number; readonly run: () => void }[] {
    if (this.#epoch === 0) return [];
    return [
      { due: this.#flushIsDue, run: () => this.#flush() },
      { due: this.#spares.isLacking ? this.#writtenAt + PREPARE_AFTER : Infinity, run: () => this.#spares.prepare() },
      { due: this.#marked || this.#durable < this.#last ? Infinity : this.#writtenAt + MARK_AFTER, run: () => this.#mark() },
    ];
  }

  /** Notes at the end of the log that all of it is durable, so that later damage to its last records is not taken for a torn write. */
  #mark(): void {
    this.#marked = true;
    if (this.#segment === undefined) return;
    const mark = new Uint8Array(RECORD_HEADER);
    writeHeader(mark, viewOf(mark), 0, this.#headerOf(MARK, 0, this.#last + 1), 0, this.#segment.salt);
    this.#segment.writeMark(mark);
  }

  #recordNewest(): void {
    overwrite(join(this.#data.directory, CONTROL), controlBlock({ epoch: this.#epoch, newest: this.#newest }), 0);
    this.#recorded = this.#newest;
  }

  #obey(order: WriterOrder): void {
    let files: string[] = [];
    this.#attempt(() => {
      if (order.order === 'begin') this.#start(order.start);
      else if (order.order === 'flush') this.#flush();
      else if (order.order === 'drop') files = this.#drop(order.position);
      else this.#close();
    });
    if (order.order === 'release') this.#released = true;
    report({ reply: this.#failure === undefined ? { files } : { failure: this.#failure } });
  }

  #start({ epoch, last, closed, open, newest, spares, reserve }: WriterStart): void {
    this.#epoch = epoch;
    this.#last = last;
    this.#closed = [...closed];
    this.#newest = this.#recorded = newest;
    this.#spares = new Spares(this.#data.directory, this.#data.sizes, spares, open?.size ?? closed.at(-1)?.size);
    this.#writtenAt = performance.now();
    if (reserve) this.#spares.reserve();
    if (open === undefined) {
      this.#durable = last;
      while (this.#spares.isLacking) this.#spares.prepare();
      return;
    }
    this.#segment = new OpenSegment(open.number, open.path, open.size, open.salt, open.offset, true);
    this.#segment.rewrite(open.unproven);
    if (reserve) this.#segment.reserve();
    this.#flush();
    // Cuts a torn tail off: blocks of earlier leaders behind the mark do not count.
    this.#mark();
  }

  /** Drops segments, the oldest first. Returns the files to remove. */
  #drop(position: number): string[] {
    const dropped = this.#closed.filter(({ last }) => last <= position);
    this.#closed = this.#closed.slice(dropped.length);
    return dropped.flatMap(({ number, size }) => {
      failpoint('segment.recycle');
      const path = join(this.#data.directory, segmentName(number));
      return this.#spares.recycle(path, size) ? [] : [path];
    });
  }

  #close(): void {
    this.#flush();
    if (!this.#marked) this.#mark();
    this.#segment?.flush();
    this.#segment?.close();
    this.#spares.close();
  }

  #attempt(work: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      work();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#failure = { code, message };
      report({ failed: this.#failure });
    }
  }
}

function report(message: WriterReport): void {
  parentPort!.postMessage(message);
}
