import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { InvalidArgumentError } from '../proto/errors.js';
import { collect } from './flags.js';
import { isJsonObject, type Json, type JsonObject } from '../proto/json/json.js';

/** Variables of clients, which a manager in the same environment must not take for its own. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['COMMONHOLD_TLS_CERT', 'COMMONHOLD_TLS_KEY']);

/**
 * Completes the options of a command that its line leaves open: first from the environment, where `--max-payload` is COMMONHOLD_MAX_PAYLOAD, then
 * from the file of `--config`, where it is `maxPayload`. An option that can be given several times is a list with commas, or an array.
 * @throws InvalidArgumentError that says where the fault is
 */
export function applySettings(command: Command): void {
  const config = command.options.find(({ long }) => long === '--config')!;
  complete(command, config, fromEnvironment(config));
  const file = command.getOptionValue(config.attributeName()) as string | undefined;
  const settings = file === undefined ? {} : read(file, command);
  for (const option of command.options) {
    complete(command, option, fromEnvironment(option));
    complete(command, option, fromFile(option, settings, file));
  }
}

/** A text for an option, and its place for an error. */
interface Given {
  readonly texts: readonly string[];
  readonly place: string;
}

function complete(command: Command, option: Option, given: Given | undefined): void {
  const name = option.attributeName();
  if (given === undefined || command.getOptionValue(name) !== undefined) return;
  let value: unknown;
  for (const text of given.texts) {
    try {
      value = option.parseArg === undefined ? text : option.parseArg(text, value);
    } catch (cause) {
      throw new InvalidArgumentError(`${given.place} is ${JSON.stringify(text)}: ${(cause as Error).message}`, { cause });
    }
  }
  command.setOptionValueWithSource(name, value, 'config');
}

function fromEnvironment(option: Option): Given | undefined {
  const place = `COMMONHOLD_${option.long!.slice(2).replaceAll('-', '_').toUpperCase()}`;
  const text = OF_CLIENTS.has(place) ? undefined : process.env[place];
  return text === undefined || text === '' ? undefined : { texts: isList(option) ? text.split(',') : [text], place };
}

function fromFile(option: Option, settings: JsonObject, file: string | undefined): Given | undefined {
  const name = option.attributeName();
  const value = settings[name];
  if (value === undefined) return undefined;
  const place = `${name} in ${file}`;
  const isText = (part: Json): part is string | number => typeof part === 'string' || typeof part === 'number';
  if (isText(value)) return { texts: [String(value)], place };
  if (Array.isArray(value) && isList(option) && value.every(isText)) return { texts: value.map(String), place };
  throw new InvalidArgumentError(
    `${place} is ${JSON.stringify(value)}: give a text or a number${isList(option) ? ', or an array of texts' : ''}`,
  );
}

/** True for an option that can be given several times. */
function isList({ parseArg }: Option): boolean {
  return parseArg === collect;
}

function read(file: string, command: Command): JsonObject {
  let settings: Json;
  try {
    settings = JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch (cause) {
    throw new InvalidArgumentError(`the options in ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (!isJsonObject(settings)) throw new InvalidArgumentError(`${file} has no options: give an object such as {"maxPayload": 1048576}`);
  const known = command.options.map((option) => option.attributeName());
  for (const name of Object.keys(settings)) {
    if (!known.includes(name)) throw new InvalidArgumentError(`${file} has the unknown option "${name}": known are ${known.join(', ')}`);
  }
  return settings;
}
