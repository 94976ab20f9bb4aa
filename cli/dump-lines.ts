import { InvalidArgumentError } from '../proto/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../proto/json/json.js';
import { VERSION } from '../proto/version.js';

/** Version of the form of these lines. It grows with a change that an earlier version would read wrongly. */
const FORM = 1;

/** The lines of a dump, which docs/dump.md describes. */
export type DumpLine =
  | { readonly type: 'dump'; readonly version: string; readonly time: Date }
  | { readonly type: 'call'; readonly method: string; readonly request: Json | undefined }
  | { readonly type: 'undumped'; readonly kind: string; readonly name: string; readonly reason: string }
  | { readonly type: 'end'; readonly calls: number };

/** Numbers of the last line. */
export interface DumpCounts {
  objects: number;
  calls: number;
  undumped: number;
}

/** @param time of the state, to which times to live and delays relate */
export function headLine(time: Date): string {
  return line({ dump: { form: FORM, version: VERSION, time: time.toISOString() } });
}

export function callLine(call: string, request: JsonObject): string {
  return line({ call, request });
}

export function undumpedLine(kind: string, name: string, reason: string): string {
  return line({ undumped: { kind, name, reason } });
}

export function endLine({ objects, calls, undumped }: DumpCounts): string {
  return line({ end: { objects, calls, undumped } });
}

function line(json: JsonObject): string {
  return `${JSON.stringify(json)}\n`;
}

/** @throws InvalidArgumentError */
export function parseLine(text: string): DumpLine {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (cause) {
    throw new InvalidArgumentError(`it is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (isJsonObject(json)) {
    const { dump, call, request, undumped, end } = json;
    if (isJsonObject(dump)) return parseHead(dump);
    if (typeof call === 'string') return { type: 'call', method: call, request };
    if (isJsonObject(undumped)) return { type: 'undumped', ...(undumped as unknown as { kind: string; name: string; reason: string }) };
    if (isJsonObject(end) && typeof end['calls'] === 'number') return { type: 'end', calls: end['calls'] };
  }
  throw new InvalidArgumentError('it is no line of a dump: give an object with dump, call, undumped or end');
}

function parseHead({ form, version, time }: JsonObject): DumpLine {
  if (form !== FORM)
    throw new InvalidArgumentError(
      `the dump is of form ${JSON.stringify(form)}, and this version reads form ${FORM}: load it with version ${textOf(version)}`,
    );
  const date = new Date(typeof time === 'string' ? time : NaN);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('the time of the dump is no time: give one such as 2026-01-31T12:00:00.000Z');
  return { type: 'dump', version: textOf(version), time: date };
}

function textOf(json: Json | undefined): string {
  return typeof json === 'string' ? json : JSON.stringify(json);
}
