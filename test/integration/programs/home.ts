import { HomeAgent, step } from '../../../client/shared/home/agent.js';
import type { SharedQueue } from 'commonhold';
import type { OpenRequest } from '../../../client/objects/object-proxy.js';
import { SessionTransport } from '../../../client/connect/transport/session.js';
import { createMemoryEngine } from '../../../engine/memory/index.js';
import { TypeRegistry } from '../../../engine/types.js';
import type { CallContext } from '../../../proto/contract.js';
import { type ManagerError } from '../../../proto/errors.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import { isOpener, kindOf, methods } from '../../../proto/methods.js';
import type { Method } from '../../../proto/wire/codec.js';
import { Session } from '../../../engine/core/session.js';
import { hostWith } from '../../support/host.js';

/** Command to a home. */
export type Command =
  | { readonly do: 'offer'; readonly kind: string; readonly open: OpenRequest }
  | { readonly do: 'backUp' | 'withdraw' | 'destroy'; readonly name: string }
  | { readonly do: 'hang' | 'leave' };

/** Result of a command: a value, or the code and the text of an error; or an event of its own. */
export type Report = { readonly done: unknown } | { readonly code: string; readonly message: string } | { readonly told: string };

const openers = new Map(methods.filter(isOpener).map((method) => [kindOf(method), method as Method<OpenRequest, { created: boolean }>]));

/** Is the home of objects over an engine of its own, and executes commands. */
export default async function (commands: SharedQueue<Command>, reports: SharedQueue<Report>, address: string): Promise<void> {
  // The calls of an agent keep no program alive, and this one has no other call while it executes a command.
  setInterval(() => {}, 60_000);
  const transport = new SessionTransport(
    [address],
    { credentials: {}, label: 'the home', callTimeout: 10_000, reconnect: true, lease: { ms: 100, tied: false }, callSites: false },
    { disconnected() {}, resumed() {}, expired() {} },
  );
  const engine = createMemoryEngine(hostWith(), new TypeRegistry());
  const agent = new HomeAgent(transport, engine, {
    destroyed: (name) => void reports.put({ told: `${name} was destroyed` }),
    cutOff: (name, reason) => void reports.put({ told: `${name} is cut off: ${reason.code}` }),
  });
  const context: CallContext = { session: new Session('self'), readOnly: false, cancel: undefined, handOver() {} };

  const perform = async (command: Command): Promise<unknown> => {
    switch (command.do) {
      case 'offer':
        return agent.offer({ method: openers.get(command.kind)!, request: command.open });
      case 'backUp': {
        const { name } = command;
        const answer = (await engine.handler(ValueService.methods.get)!({ name }, context)) as { value: Uint8Array };
        return agent.backUp(name, [step(ValueService.methods.open, { name, exclusive: false, initial: answer.value })]);
      }
      case 'destroy':
        await engine.handler(ManagerService.methods.destroy)!({ name: command.name, kind: '' }, context);
        return agent.withdraw(command.name);
      case 'withdraw':
        return agent.withdraw(command.name);
      case 'leave':
        return agent.close();
      case 'hang':
        await reports.put({ done: 'hanging' });
        for (;;);
    }
  };
  for await (const command of commands) {
    try {
      await reports.put({ done: await perform(command) });
    } catch (error) {
      const { code, message } = error as ManagerError;
      await reports.put({ code, message });
    }
  }
}
