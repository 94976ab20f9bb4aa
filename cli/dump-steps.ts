import { TextDecoder } from 'node:util';
import { isRebuilding } from '../engine/memory/dumping/rebuild-methods.js';
import { InvalidArgumentError } from '../proto/errors.js';
import { messageFromJson } from '../proto/json/message-json.js';
import { requestTypeOf } from '../proto/json/methods.js';
import { isOpener, methodNamed } from '../proto/methods.js';
import type { Method } from '../proto/wire/codec.js';
import { decodeMessage } from '../proto/wire/message.js';
import { MalformedError } from '../proto/wire/values.js';
import { parseLine, type DumpLine } from './dump-lines.js';

/** The fields of requests that a load looks at. */
export interface StepRequest {
  readonly name: string;
  readonly exclusive?: boolean;
  readonly ttlMs?: number | undefined;
  readonly delayMs?: number | undefined;
}

/** A call of a dump. */
export interface LoadStep {
  readonly line: number;
  readonly method: Method;
  readonly request: StepRequest;
  /** True for the first call of an object. */
  readonly opens: boolean;
  /** Length of its line. */
  readonly size: number;
  /** Time of the dump. */
  readonly time: Date;
}

/** Returns an error that says in which line of the dump it happened. */
export function inLine(line: number, error: unknown): Error {
  return new Error(`line ${line}: ${(error as Error).message}`, { cause: error });
}

/**
 * Reads the calls of a dump, and checks everything that can be checked without a manager.
 * @throws Error with the number of the line, the fault and the remedy
 */
export async function* stepsOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<LoadStep> {
  let head: Extract<DumpLine, { type: 'dump' }> | undefined;
  let opened: string | undefined;
  let calls = 0;
  let ended = false;
  let number = 0;
  for await (const text of textLines(input)) {
    number++;
    if (text.trim() === '') continue;
    try {
      const line = parseLine(text);
      if (ended) throw new InvalidArgumentError('the dump has ended before: load one dump at a time');
      if ((line.type === 'dump') !== (head === undefined)) {
        throw new InvalidArgumentError(
          head === undefined ? 'a dump begins with a line {"dump": …}' : 'another dump begins here: load one at a time',
        );
      }
      if (line.type === 'dump') head = line;
      if (line.type === 'end') {
        if (line.calls !== calls)
          throw new InvalidArgumentError(`the dump had ${line.calls} calls, and ${calls} are here: some lines are missing, or were added`);
        ended = true;
      }
      if (line.type !== 'call') continue;
      calls++;
      const { method, request } = callOf(line.method, line.request);
      const opens = isOpener(method);
      if (opens) opened = request.name;
      else if (request.name !== opened) throw notOpened(request.name, opened);
      yield { line: number, method, request, opens, size: text.length, time: head!.time };
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw inLine(number, error);
      throw error;
    }
  }
  if (head === undefined) throw new Error('the input is empty: give a dump, as commonhold dump writes it');
  if (!ended) throw new Error(`the dump was cut short: line ${number} is the last, and {"end": …} is missing`);
}

function callOf(name: string, json: Parameters<typeof messageFromJson>[1]): { method: Method; request: StepRequest } {
  const method = methodNamed(name);
  const type = requestTypeOf(name);
  if (method === undefined || type === undefined) {
    throw new InvalidArgumentError(`"${name}" is no method of this version: if a later version wrote the dump, use that version`);
  }
  if (!isRebuilding(method)) {
    throw new InvalidArgumentError(
      `"${name}" is not in a dump: a load makes objects, and calls only the methods that commonhold dump writes`,
    );
  }
  const bytes = messageFromJson(type, json, 'request');
  try {
    const request = decodeMessage(method.input, bytes) as Partial<StepRequest>;
    if (typeof request.name !== 'string' || request.name === '')
      throw new MalformedError(`request.name is missing: give the name of the object`);
    return { method, request: request as StepRequest };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InvalidArgumentError(error.message, { cause: error });
  }
}

function notOpened(name: string, opened: string | undefined): InvalidArgumentError {
  const before = opened === undefined ? 'no object was opened before' : `the Open before is that of "${opened}"`;
  return new InvalidArgumentError(`it calls a method of "${name}", but ${before}: the calls of an object follow its Open`);
}

/** Yields the lines of UTF-8 text. Only a line feed ends a line: others occur in texts of JSON. */
async function* textLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of input) {
    const lines = decodeText(decoder, chunk).split('\n');
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decodeText(decoder);
  if (rest !== '') yield rest;
}

function decodeText(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new Error('the input is no text in UTF-8: give a dump, as commonhold dump writes it', { cause });
  }
}
