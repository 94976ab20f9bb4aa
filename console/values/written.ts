import { AnyMessage, OpaqueReference, OpaqueRegExp } from '../../proto/codec/opaque.js';

/** A piece of a written value, with the class of its colour. */
export interface Piece {
  readonly text: string;
  readonly type?: 'text' | 'number' | 'word' | 'special' | 'reference';
  /** Name of the object that a reference leads to. */
  readonly to?: string;
}

/** Widest line of a value that is written over several lines, in characters. */
const WIDTH = 88;

/**
 * Writes a value as `util.inspect` does, which the command line shows.
 * @param most length in characters, beyond which the rest is an ellipsis
 * @param lines true to write what is wide over several lines
 */
export function written(value: unknown, most: number, lines = false): Piece[] {
  const pen = new Pen(most);
  write(pen, value, lines ? 0 : undefined, []);
  return pen.pieces;
}

/** The same without colours. */
export function writtenText(value: unknown, most: number): string {
  return written(value, most)
    .map(({ text }) => text)
    .join('');
}

class Pen {
  readonly pieces: Piece[] = [];
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  put(text: string, rest: Omit<Piece, 'text'> = {}): void {
    if (this.full) return;
    const fits = text.length <= this.#left;
    this.pieces.push({ text: fits ? text : `${text.slice(0, this.#left)}…`, ...rest });
    this.#left -= text.length;
    if (fits && this.#left === 0) this.pieces.push({ text: '…' });
  }
}

/** @param indent columns of the line, undefined for a value in one line */
function write(pen: Pen, value: unknown, indent: number | undefined, open: readonly object[]): void {
  if (pen.full) return;
  switch (typeof value) {
    case 'string':
      return pen.put(quoted(value), { type: 'text' });
    case 'number':
      return pen.put(Object.is(value, -0) ? '-0' : String(value), { type: 'number' });
    case 'bigint':
      return pen.put(`${value}n`, { type: 'number' });
    case 'object':
      return value === null ? pen.put('null', { type: 'word' }) : writeObject(pen, value, indent, open);
    default:
      return pen.put(String(value), { type: 'word' });
  }
}

function writeObject(pen: Pen, value: object, indent: number | undefined, open: readonly object[]): void {
  if (open.includes(value)) return pen.put('[Circular]', { type: 'special' });
  if (value instanceof Date) return pen.put(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString(), { type: 'special' });
  if (value instanceof RegExp || value instanceof OpaqueRegExp) return pen.put(String(value), { type: 'special' });
  if (value instanceof OpaqueReference) {
    const { kind, name } = value.reference;
    return pen.put(`${kind} '${name}'`, { type: 'reference', to: name });
  }
  const inner = [...open, value];
  if (value instanceof AnyMessage) return pen.put(`${value.typeUrl} <${hex(value.value)}>`, { type: 'special' });
  if (value instanceof ArrayBuffer) return pen.put(`ArrayBuffer(${value.byteLength}) <${hex(new Uint8Array(value))}>`, { type: 'special' });
  if (value instanceof DataView) return pen.put(`DataView(${value.byteLength})`, { type: 'special' });
  if (value instanceof Uint8Array) return pen.put(`Uint8Array(${value.length}) <${hex(value)}>`, { type: 'special' });
  if (value instanceof Error) return pen.put(`[${value.name}: ${value.message}]`, { type: 'special' });
  if (value instanceof Map) {
    pen.put(`Map(${value.size}) `, { type: 'special' });
    return writeParts(pen, '{}', [...value], indent, inner, ([key, part], at) => {
      write(pen, key, undefined, inner);
      pen.put(' => ');
      write(pen, part, at, inner);
    });
  }
  if (value instanceof Set || ArrayBuffer.isView(value)) {
    const parts = [...(value as Iterable<unknown>)];
    pen.put(`${value.constructor.name}(${parts.length}) `, { type: 'special' });
    return writeParts(pen, value instanceof Set ? '{}' : '[]', parts, indent, inner, (part, at) => write(pen, part, at, inner));
  }
  if (Array.isArray(value)) {
    return writeParts(
      pen,
      '[]',
      Array.from(value, (_, index) => index),
      indent,
      inner,
      (index, at) => (index in value ? write(pen, value[index], at, inner) : pen.put('<empty>', { type: 'special' })),
    );
  }
  writeParts(pen, '{}', Object.entries(value), indent, inner, ([key, part], at) => {
    pen.put(`${/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)}: `);
    write(pen, part, at, inner);
  });
}

/** Writes parts in brackets, in one line if they fit. */
function writeParts<T>(
  pen: Pen,
  [left, right]: string,
  parts: readonly T[],
  indent: number | undefined,
  open: readonly object[],
  writePart: (part: T, indent: number | undefined) => void,
): void {
  if (parts.length === 0) return pen.put(`${left}${right}`);
  const isWide = indent !== undefined && writtenText(open.at(-1), WIDTH - indent).endsWith('…');
  const at = isWide ? indent + 2 : undefined;
  pen.put(left!);
  for (const [index, part] of parts.entries()) {
    if (pen.full) return;
    pen.put(`${index === 0 ? '' : ','}${at === undefined ? ' ' : `\n${' '.repeat(at)}`}`);
    writePart(part, at);
  }
  pen.put(at === undefined ? ` ${right}` : `\n${' '.repeat(indent!)}${right}`);
}

function quoted(text: string): string {
  const escaped = text.replace(/[\u0000-\u001f\u007f-\u009f\\']/g, (character) =>
    character === '\n'
      ? '\\n'
      : character === "'" || character === '\\'
        ? `\\${character}`
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

/** Bytes that are shown of binary data. */
const SHOWN_BYTES = 32;

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > SHOWN_BYTES ? `${shown} …` : shown;
}
