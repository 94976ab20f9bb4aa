/** The deeds of most users, in the order in which plans number them. */
export const DEED_NAMES = [
  'dict',
  'count',
  'value',
  'list',
  'lock',
  'rlock',
  'semaphore',
  'condition',
  'event',
  'barrier',
  'queue',
  'delivery',
  'pipe',
  'watch',
  'anonymous',
  'rwlock',
  'urgent',
  'tasks',
  'rate',
  'schedule',
  'cache',
] as const;

export type DeedName = (typeof DEED_NAMES)[number] | 'journal';
