import { ManagerService, type ManagerServiceStatsResponse } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { decodeMessage } from '../../proto/wire/message.js';
import type { ServedManager } from '../manager.js';

const { stats } = ManagerService.methods;

/** Returns the statistics of a manager. @throws the error with which it refuses all clients */
export function statsOf(manager: ServedManager): Promise<ManagerServiceStatsResponse> {
  const { machine, refusal } = manager;
  if (refusal !== undefined) return Promise.reject(refusal);
  const method = machine.routes.findIndex((route) => route.method === stats);
  return new Promise<ManagerServiceStatsResponse>((resolve, reject) => {
    machine.call({ label: 'metrics', id: undefined, method, bytes: new Uint8Array(), packed: true }, (answer) => {
      if (answer instanceof Error) reject(answer);
      else resolve(decodeMessage(stats.output, answer));
    });
  });
}
