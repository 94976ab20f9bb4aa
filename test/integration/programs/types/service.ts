// A module that registers by itself, with dependencies of its classes besides their arguments.
import { setImmediate as turn } from 'node:timers/promises';
import { reference, type Handle, type Registry } from 'commonhold/server';
import type { SharedDict } from 'commonhold';

/** Not registered: the default export decides. */
export class Bystander {}

export interface Service {
  greet(name: string): string;
  scores(): Handle<SharedDict<string, number>>;
}

export default async function register(registry: Registry): Promise<void> {
  const greeting = 'hello';
  await turn();
  registry.register(
    'Service',
    class implements Service {
      greet(name: string): string {
        return `${greeting} ${name}`;
      }

      scores(): Handle<SharedDict<string, number>> {
        return reference<SharedDict<string, number>>('dict', 'scores');
      }

      private(): string {
        return 'not exposed';
      }
    },
    { exposed: ['greet', 'scores'] },
  );
}
