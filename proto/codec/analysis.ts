import { types } from 'node:util';
import { InvalidArgumentError } from '../errors.js';
import { losesItsBeginning, MAX_REGEXP_SOURCE } from './extensions.js';
import { errorParts } from './failure.js';
import { classNameOf, isSharedMemory, kindOf, type SharedBytes } from './kinds.js';
import { isReferable, referenceOf, type Referable, type Reference } from './reference.js';
import { isWellFormed } from '../text.js';
import { MAX_DEPTH } from './refuse.js';

/** Limit of the holes in an array, which is sparse beyond it and belongs in a Map. */
const MAX_HOLES = 65_536;

/** A step into a value, for messages: a key of an object, an index, or a call named `label`. */
type PathStep = string | number | { label: string; key: unknown };

/** Returns the reference by which an object travels that is beside the payload: it cannot travel by itself, or memory need not be copied. */
export type NameReference = (value: object) => Reference | undefined;

/**
 * Walks a value before it is packed: refuses parts that cannot travel, with their place, and collects everything that plain MessagePack
 * cannot express.
 */
export class ValueAnalysis {
  /** True if plain MessagePack can express all of it, without extensions. */
  plain = true;
  /** Objects that occur more than once, with their place in the graph; the root has place 0. */
  shared: Map<object, number> | undefined;
  /** The references, each once. */
  readonly references: Reference[] = [];
  /** Place in {@link references} for each object that stands for a shared object. */
  referencePlaces: Map<object, number> | undefined;

  /** Place of each reference by its text, because there may be very many. */
  #placesByText: Map<string, number> | undefined;
  readonly #root: unknown;
  readonly #name: NameReference | undefined;
  readonly #seen = new Set<object>();
  readonly #path: PathStep[] = [];

  constructor(root: unknown, name?: NameReference) {
    this.#root = root;
    this.#name = name;
    this.#visit(root, 0);
  }

  #visit(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
      case 'boolean':
        return;
      case 'string':
        if (losesItsBeginning(value)) this.plain = false;
        if (!isWellFormed(value))
          this.#refuse(depth, 'a text with half a surrogate pair', 'repair it with toWellFormed(), or store its bytes');
        return;
      case 'object':
        if (value !== null) this.#object(value, depth);
        return;
      case 'undefined':
      case 'bigint':
        this.plain = false;
        return;
      case 'function':
        if (isReferable(value)) return this.#reference(value, referenceOf(value));
        this.#refuse(depth, `a function (${value.name || 'anonymous'})`, 'store data, and keep the function in the program');
        return;
      default:
        this.#refuse(depth, 'a symbol', 'store its description as text');
    }
  }

  #object(value: object, depth: number): void {
    const kind = kindOf(value);
    if (kind === 'reference') return this.#reference(value, referenceOf(value as Referable));
    const named = kind === 'foreign' || kind === 'view' || kind === 'buffer' ? this.#name?.(value) : undefined;
    if (named !== undefined) return this.#reference(value, named);
    if (this.#seen.has(value)) return this.#again(value);
    this.#seen.add(value);
    if (depth >= MAX_DEPTH) this.#refuse(depth, `something nested deeper than ${MAX_DEPTH} levels`, 'store it in parts, or as text');
    if (kind !== 'object' && kind !== 'array') this.plain = false;
    switch (kind) {
      case 'object':
        return this.#plainObject(value as Record<string, unknown>, depth);
      case 'array':
        return this.#array(value as unknown[], depth);
      case 'map':
        for (const [key, item] of value as Map<unknown, unknown>) {
          this.#step(depth, { label: 'key', key }, key);
          this.#step(depth, { label: 'get', key }, item);
        }
        return;
      case 'set':
        for (const item of value as Set<unknown>) this.#step(depth, { label: 'member', key: item }, item);
        return;
      case 'error':
        for (const [part, item] of Object.entries(errorParts(value as Error))) this.#step(depth, part, item);
        return;
      case 'foreign':
        return this.#foreign(value, depth);
      case 'regexp':
        return this.#regexp(value as RegExp, depth);
      case 'date':
      case 'buffer':
      case 'view':
        return;
    }
  }

  #step(depth: number, step: PathStep, value: unknown): void {
    this.#path[depth] = step;
    this.#visit(value, depth + 1);
  }

  #plainObject(value: Record<string, unknown>, depth: number): void {
    for (const key of Object.keys(value)) {
      this.#path[depth] = key;
      if (!isWellFormed(key)) this.#refuse(depth + 1, 'a key with half a surrogate pair', 'repair it with toWellFormed()');
      if (key === '__proto__' || losesItsBeginning(key)) this.plain = false;
      this.#visit(value[key], depth + 1);
    }
  }

  #array(value: unknown[], depth: number): void {
    let holes = 0;
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (item === undefined && !(i in value) && ++holes > MAX_HOLES) {
        this.#refuse(depth, `an array with more than ${MAX_HOLES} holes`, 'use a Map');
      }
      this.#step(depth, i, item);
    }
  }

  #again(value: object): void {
    this.plain = false;
    this.shared ??= new Map();
    if (this.shared.has(value)) return;
    // Place 0 belongs to the root, even if the root occurs only once.
    const others = this.shared.size - (this.shared.has(this.#root as object) ? 1 : 0);
    this.shared.set(value, value === this.#root ? 0 : others + 1);
  }

  #reference(value: object, reference: Reference): void {
    this.plain = false;
    this.referencePlaces ??= new Map();
    if (this.referencePlaces.has(value)) return;
    const { kind, name, address, end } = reference;
    const text = JSON.stringify([kind, name, address, end]);
    this.#placesByText ??= new Map();
    let place = this.#placesByText.get(text);
    if (place === undefined) this.#placesByText.set(text, (place = this.references.push(reference) - 1));
    this.referencePlaces.set(value, place);
  }

  #regexp({ source }: RegExp, depth: number): void {
    if (source.length <= MAX_REGEXP_SOURCE) return;
    this.#refuse(depth, `a RegExp of more than ${MAX_REGEXP_SOURCE} characters`, 'store its source as text, and compile that');
  }

  #foreign(value: object, depth: number): never {
    const name = classNameOf(value);
    if (Object.prototype.toString.call(value) === '[object Promise]') this.#refuse(depth, 'a Promise', 'await it first');
    if (isSharedMemory(value)) this.#refuse(depth, sharedName(value), `${copyOf(value)}, or pass it to a thread, which shares it`);
    if (name === 'WeakMap' || name === 'WeakSet' || name === 'WeakRef') {
      this.#refuse(depth, `a ${name}`, 'what it holds is bound to this program');
    }
    if (name === 'MessagePort') this.#refuse(depth, 'a MessagePort', 'only threads can have one: pass them move(port)');
    this.#refuse(
      depth,
      `an instance of ${name}`,
      'convert it to a plain object, or keep it in the manager as an object of a registered type: manager.object()',
    );
  }

  #refuse(depth: number, what: string, advice: string): never {
    const path = this.#path.slice(0, depth).map(stepText).join('');
    throw new InvalidArgumentError(`cannot store ${what} at $${path}: ${advice}`);
  }
}

/** Returns the name of a SharedArrayBuffer, or of a view over one, with its article. */
function sharedName(value: SharedBytes): string {
  const name = classNameOf(value);
  if (!ArrayBuffer.isView(value)) return `a ${name}`;
  return `${/^[AEIOU](?!i)/.test(name) ? 'an' : 'a'} ${name} over a SharedArrayBuffer`;
}

/** Returns the advice on how to copy it. */
function copyOf(value: SharedBytes): string {
  if (!ArrayBuffer.isView(value)) return 'store a copy, Uint8Array.from(new Uint8Array(buffer))';
  if (types.isDataView(value)) return 'store a copy, Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))';
  return `store a copy, ${classNameOf(value)}.from(view)`;
}

function stepText(step: PathStep): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'string') return /^[\p{L}_$][\p{L}\p{N}_$]*(\(.*\))?$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  const { key } = step;
  const shown =
    typeof key === 'string'
      ? JSON.stringify(key)
      : typeof key === 'object' || typeof key === 'function'
        ? '…'
        : `${key as number | bigint}`;
  return `.${step.label}(${shown})`;
}
