import type { DeedStep } from '../plan.js';
import type { User } from '../user.js';
import { cache, count, dict, event, journal, list, value } from './data.js';
import { rate, schedule, tasks } from './jobs.js';
import { barrier, condition, lock, rlock, rwlock, semaphore, urgent } from './locks.js';
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
  rwlock,
  urgent,
  tasks,
  rate,
  schedule,
  cache,
  journal,
};
