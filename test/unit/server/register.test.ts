import { writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TypeRegistry, type Registry } from '../../../engine/types.js';
import { registerExports } from '../../../server/register.js';
import { Manager } from '../../../client/index.js';
import { Temporary } from '../../support/daemon.js';

async function registered(exports: Record<string, unknown>): Promise<string[]> {
  const types = new TypeRegistry();
  await registerExports(types, exports);
  return types.list().map(({ name }) => name);
}

describe('the types that a module registers', () => {
  class One {}
  class Two extends One {}

  it('are every class it exports, under the name of the export', async () => {
    expect(await registered({ One, Other: Two, helper: () => 1, plain() {}, answer: 42, nothing: undefined })).toEqual(['One', 'Other']);
  });

  it('include a class that a compiler made for old engines', async () => {
    function Old() {}
    (Old.prototype as { method: unknown }).method = () => 1;
    expect(await registered({ Old })).toEqual(['Old']);
  });

  it('include a class that is the default export, under its own name', async () => {
    expect(await registered({ default: Two, One })).toEqual(['One', 'Two']);
  });

  it('are the ones that a default function registers, and no others', async () => {
    const main = async (registry: Registry): Promise<void> => {
      await Promise.resolve();
      registry.register('Late', Two);
    };
    expect(await registered({ default: main, One })).toEqual(['Late']);
    expect(await registered({ default: () => {}, One })).toEqual([]);
  });

  it('are the exports of a CommonJS module', async () => {
    using directory = new Temporary();
    const whole = directory.join('whole.cjs');
    const parts = directory.join('parts.cjs');
    writeFileSync(whole, 'module.exports = class Whole { what() { return "whole" } }');
    writeFileSync(parts, 'class Part { what() { return "part" } } module.exports = { Part, answer: 42 }');
    await using manager = await Manager.embed({ register: [whole, parts] });
    expect(await manager.object<{ what(): string }>('Whole').what()).toBe('whole');
    expect(await manager.object<{ what(): string }>('Part').what()).toBe('part');
  });
});
