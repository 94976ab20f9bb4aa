import { thawDeep } from '../../proto/codec/freeze.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import type { SharedDict } from '../objects/dict.js';
import { clearPrefix, setEntries } from './entries.js';

/** Options of a driver, and of the calls that store an item. */
export interface UnstorageOptions {
  /** Seconds after which an item is removed, as in the drivers of unstorage. Default: never. */
  ttl?: number | undefined;
}

const OPTIONS = { ttl: true } satisfies OptionNames<UnstorageOptions>;

/** An item of a call with several: a key, the value to store, and options of its own. */
interface UnstorageItem<V> {
  key: string;
  value: V;
  options?: UnstorageOptions | undefined;
}

/**
 * Driver of unstorage in a dict of the manager: `createStorage({ driver: unstorageDriver(manager.dict('files')) })`. unstorage makes text of
 * the values of `setItem`; the values of `setItemRaw` are stored as the dict stores them. Each method is one round trip, except `getKeys` and the
 * `clear` of a base, which read the keys page by page.
 * @throws InvalidArgumentError for an option in `defaults` that it does not know
 */
export function unstorageDriver(dict: SharedDict<string>, defaults: UnstorageOptions = {}) {
  checkOptions(defaults, OPTIONS);
  const end = ({ ttl = defaults.ttl }: UnstorageOptions = {}) => (ttl ? { ttl: ttl * 1000 } : {});
  const getItem = async (key: string) => thawDeep((await dict.get(key)) ?? null) as string | null;
  const setItem = (key: string, value: unknown, options?: UnstorageOptions) => dict.set(key, value, end(options));
  return {
    name: 'commonhold',
    options: defaults,
    getInstance: () => dict,
    hasItem: (key: string) => dict.has(key),
    getItem,
    getItemRaw: getItem as (key: string) => Promise<unknown>,
    setItem,
    setItemRaw: setItem,
    async getItems(items: Pick<UnstorageItem<unknown>, 'key'>[]) {
      const found = await dict.getMany(items.map(({ key }) => key));
      return items.map(({ key }) => ({ key, value: thawDeep(found.get(key) ?? null) as string | null }));
    },
    setItems: (items: UnstorageItem<string>[], common?: UnstorageOptions) =>
      setEntries(
        dict,
        items.map(({ key, value, options }) => ({ key, value, ...end({ ...common, ...options }) })),
      ),
    async removeItem(key: string) {
      await dict.delete(key);
    },
    async getKeys(base?: string) {
      const keys: string[] = [];
      for await (const key of dict.keys({ prefix: base })) keys.push(key);
      return keys;
    },
    clear: (base?: string) => clearPrefix(dict, base),
  };
}
