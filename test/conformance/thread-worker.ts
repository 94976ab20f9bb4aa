// A thread of the target "shared across threads": makes the calls of clients on an engine of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { asManagerError, routesOf, SessionCalls, type Outcomes } from '../../engine/core/calls.js';
import { Session } from '../../engine/core/session.js';
import { createSharedEngine } from '../../engine/shared/index.js';
import { Region, type RegionHandle } from '../../engine/shared/memory/region.js';
import { toWire, type ManagerError } from '../../proto/errors.js';
import { methods, openerOf } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { decodeMessage, encodeMessage } from '../../proto/wire/message.js';
import { Writer } from '../../proto/wire/writer.js';
import { checkGuards } from '../support/checked-guards.js';
import type { Reply, Request, Visit } from './thread-messages.js';

const engine = createSharedEngine(new Region(workerData as RegionHandle));
checkGuards(engine.thread);
const routes = new Map(routesOf(engine, methods).map((route) => [route.method.name, route]));
parentPort!.on('message', serve);

function serve({ sessionId, port }: Visit): void {
  const tell = (reply: Reply): void => port.postMessage(reply);
  const outcomes: Outcomes = {
    answer: (id: number, method: Method, response: unknown) => tell({ id, response: encodeMessage(new Writer(), method.output, response) }),
    fail: (id: number, error: ManagerError) => tell({ id, error: toWire(error) }),
  };
  const session = new Session(
    sessionId,
    { pid: process.pid, label: 'thread' },
    (lost) => tell({ lost }),
    (warning) => tell({ warning }),
  );
  const calls = new SessionCalls(engine, session, outcomes);

  port.on('message', (message: Request) => {
    if ('cancel' in message) calls.cancel(message.cancel);
    else if ('taken' in message) calls.acknowledge(message.taken, message.count);
    else call(message);
  });
  port.once('close', () => {
    calls.end();
    parentPort!.postMessage('left');
  });

  function call({ id, method, request, open }: Extract<Request, { id: number }>): void {
    try {
      const route = routes.get(method)!;
      const opener = openerOf(route.method)!;
      const opening = open && { ...routes.get(opener.name)!, request: decodeMessage(opener.input, open) };
      calls.start(id, route, decodeMessage(route.method.input, request), opening);
    } catch (error) {
      outcomes.fail(id, asManagerError(error));
    }
  }
}
