import { readFileSync } from 'node:fs';
import { Manager } from '../../client/connect/manager.js';
import type { ObjectInfo } from '../../client/connect/info.js';
import { NotFoundError } from '../../proto/errors.js';
import { readToken } from '../../proto/token-file.js';

/** Flags of the commands that look at a manager that runs. */
export interface InspectionFlags {
  readonly address?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Connects to the manager of the flags. @param label by which the manager shows this client */
export function connect({ address, tokenFile, tlsCa }: InspectionFlags, label: string): Promise<Manager> {
  return Manager.connect(address, {
    label: `commonhold ${label}`,
    token: tokenFile === undefined ? undefined : readToken(tokenFile),
    tls: tlsCa === undefined ? undefined : { ca: readFileSync(tlsCa) },
    callSites: false,
  });
}

/** Returns the object of a name. @throws NotFoundError */
export async function objectNamed(manager: Manager, name: string): Promise<ObjectInfo> {
  // In the pattern, `*` matches a `*` of the name too.
  for await (const info of manager.objects({ match: name })) if (info.name === name) return info;
  throw new NotFoundError(`there is no object "${name}": commonhold ls shows all`);
}
