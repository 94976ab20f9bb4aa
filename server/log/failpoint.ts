import { constants } from 'node:os';

/** A place where a test can have the process killed, or an operation fail. */
export type FailpointName =
  | 'start.led'
  | 'start.applied'
  | 'log.write'
  | 'log.written'
  | 'log.flush'
  | 'log.flushed'
  | 'log.answer'
  | 'segment.prepare'
  | 'segment.switch'
  | 'segment.recycle'
  | 'snapshot.write'
  | 'snapshot.written'
  | 'snapshot.publish'
  | 'snapshot.published';

/**
 * Marks a place in the code. Does nothing, unless the environment variable COMMONHOLD_FAILPOINTS says otherwise when the thread starts:
 * with `log.write=kill@5,log.flush=EIO@2`, the process kills itself when a thread passes `log.write` for the fifth time, and the second
 * flush of a thread fails with EIO.
 */
export const failpoint: (name: FailpointName) => void = readFailpoints(process.env['COMMONHOLD_FAILPOINTS']);

function readFailpoints(text: string | undefined): (name: string) => void {
  if (!text) return () => {};
  const actions = new Map(text.split(',').map(parse));
  return (name) => {
    const action = actions.get(name);
    if (action === undefined || --action.passings !== 0) return;
    if (action.what === 'kill') process.kill(process.pid, 'SIGKILL');
    else throw systemError(action.what, name);
  };
}

function parse(entry: string): [string, { what: string; passings: number }] {
  const match = /^([a-z.]+)=(kill|E[A-Z0-9]+)@(\d+)$/.exec(entry);
  if (match === null) throw new Error(`COMMONHOLD_FAILPOINTS has "${entry}": write NAME=kill@N or NAME=ERRNO@N`);
  const [, name, what, passings] = match as unknown as [string, string, string, string];
  return [name, { what, passings: Number(passings) }];
}

/** Makes an error like that of a failed call of the system. */
function systemError(code: string, name: string): NodeJS.ErrnoException {
  const errno = (constants.errno as Record<string, number | undefined>)[code];
  return Object.assign(new Error(`${code}: failpoint ${name}`), { code, errno: -(errno ?? 0) });
}
