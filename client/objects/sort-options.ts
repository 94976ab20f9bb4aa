import type { OptionNames } from '../../proto/known-options.js';

/** Options of sorting a list. */
export interface SortOptions {
  /** True to sort in descending order. Default: false. */
  descending?: boolean | undefined;
  /** Dotted path of the field to sort by, such as `user.age`; items without it come last. Default: the item itself. */
  by?: string | undefined;
}

export const SORT_OPTIONS = { descending: true, by: true } satisfies OptionNames<SortOptions>;
