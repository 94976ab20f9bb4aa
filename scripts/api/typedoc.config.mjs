// The API reference of the package's users: `make api`. A missing comment or a broken link is an error.
import { OptionDefaults } from 'typedoc';

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'commonhold',
  tsconfig: 'tsconfig.json',
  // docs/adapters.md is the reference of adapters: they have the methods of their peers.
  entryPoints: ['../../client/index.ts', '../../server/index.ts'],
  out: '../../api',
  readme: 'none',
  disableSources: true,
  // The build has checked them.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  // protoc-gen-es writes it.
  blockTags: [...OptionDefaults.blockTags, '@generated'],
  excludeTags: [...OptionDefaults.excludeTags, '@generated'],
  // Properties whose names say all, need no comment.
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'Method', 'Accessor', 'TypeAlias'],
  // The getters and the contract have the comments of these.
  intentionallyNotDocumented: ['HeldValue.value', 'SyncHeldValue.value', 'DeadlockStep', 'InitializerOf.__type.initialize'].map(
    (name) => `client.${name}`,
  ),
  validation: { invalidLink: true, notDocumented: true, notExported: false },
};
