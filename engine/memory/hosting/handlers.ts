import type { Handlers } from '../../../proto/contract.js';
import type { HomeService } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { HostSessions } from './host-sessions.js';

export function homeHandlers(homes: HostSessions): Handlers<typeof HomeService> {
  return {
    offer: ({ open }, context) => ({ created: homes.offer(open, context) }),

    withdraw: ({ name }, { session }) => ({ withdrawn: homes.withdraw(name, session) }),

    leave(_request, { session }) {
      const home = homes.find(session);
      if (home !== undefined) homes.end(home);
      return {};
    },

    next: (_request, context) => homes.open(context.session).next(context),

    answer({ answers, notices }, { session }) {
      const home = homes.find(session);
      for (const answer of answers) home?.answer(answer);
      for (const notice of notices) home?.notify(notice);
      return {};
    },

    backup({ name, calls }, { session }) {
      homes.backUp(name, calls, session);
      return {};
    },
  };
}
