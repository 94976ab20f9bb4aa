import { Manager, type SharedQueue } from 'commonhold';

/** Options and initial content of an object to make. */
export interface Making {
  readonly kind: string;
  readonly name: string;
  readonly backup?: number;
}

/** Command to a home. */
export type Command =
  | ({ readonly do: 'make' } & Making)
  | { readonly do: 'sync' | 'await'; readonly name: string; readonly call: string; readonly args: readonly unknown[] }
  | { readonly do: 'busy'; readonly name: string; readonly until: unknown }
  | { readonly do: 'close' };

/** Result of a command. */
export type Report = { readonly done: unknown } | { readonly code: string; readonly message: string };

type Proxy = Record<string, (...args: readonly unknown[]) => unknown> & {
  readonly sync: Record<string, (...args: readonly unknown[]) => unknown>;
};

/** Makes an object of a kind at home in this process. */
export function make(manager: Manager, { kind, name, backup }: Making) {
  const options = { home: 'process', backup } as const;
  switch (kind) {
    case 'dict':
      return manager.dict(name, options);
    case 'list':
      return manager.list(name, options);
    case 'queue':
      return manager.queue(name, options);
    case 'typed value':
      return manager.value(name, 0, { ...options, type: 'i32' });
    case 'value':
      return manager.value<unknown>(name, null, options);
    case 'array':
      return manager.array(name, 'f64', 3, options);
    case 'lock':
      return manager.lock(name, options);
    case 'rlock':
      return manager.rlock(name, options);
    case 'semaphore':
      return manager.semaphore(name, 3, options);
    case 'event':
      return manager.event(name, options);
    case 'condition':
      return manager.condition(name, undefined, options);
    default:
      return manager.barrier(name, 3, options);
  }
}

/** Makes objects at home in this process and works on them, as commanded. */
export default async function (commands: SharedQueue<Command>, reports: SharedQueue<Report>): Promise<void> {
  const manager = await Manager.connect(commands.toJSON().address);
  const made = new Map<string, Proxy>();

  const perform = async (command: Command): Promise<unknown> => {
    switch (command.do) {
      case 'make':
        made.set(command.name, make(manager, command) as unknown as Proxy);
        return undefined;
      case 'sync':
        return plain(made.get(command.name)!.sync[command.call]!(...command.args));
      case 'await':
        return plain(await made.get(command.name)![command.call]!(...command.args));
      case 'busy': {
        await reports.put({ done: 'busy' });
        // Blocks the event loop until another process has changed the value.
        while (made.get(command.name)!.sync['get']!() !== command.until);
        return 'no longer busy';
      }
      case 'close':
        return manager.close();
    }
  };
  for await (const command of commands) {
    try {
      await reports.put({ done: await perform(command) });
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      await reports.put({ code, message });
    }
  }
}

/** The result if it can be sent; true for a handle. */
function plain(result: unknown): unknown {
  if (!(result instanceof Object)) return result;
  if ('kind' in result) return 'made';
  return 'release' in result ? 'held' : result;
}
