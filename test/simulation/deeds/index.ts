import type { DeedStep } from '../plan.js';
import type { User } from '../user.js';
import { count, dict, event, list, value } from './data.js';
import { barrier, condition, lock, rlock, semaphore } from './locks.js';
import { anonymous, delivery, pipe, queue, watch } from './messages.js';
import type { DeedName } from './names.js';

export const DEEDS: Readonly<Record<DeedName, (user: User, step: DeedStep) => Promise<unknown>>> = {
  dict,
  count,
  value,
  list,
  lock,
  rlock,
  semaphore,
  condition,
  event,
  barrier,
  queue,
  delivery,
  pipe,
  watch,
  anonymous,
};
