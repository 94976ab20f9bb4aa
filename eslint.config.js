import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Microtasks would run after the turn that caused them. */
const NO_PROMISES =
  'A call that waits returns a Future (engine/core/future.ts), which is settled within a turn; promises of users belong in engine/user-code.ts.';

// Layers and circles of imports are checked by scripts/layers.mjs.
export default defineConfig(
  globalIgnores(['api/', 'dist/', 'lib/', 'proto/gen/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowNullish: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'error',

      // Where an index or a key is known to be there, `!` says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A signal's reason is whatever its owner gave.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      // Handlers answer at once where they can; some functions are async for their callers' sake.
      '@typescript-eslint/require-await': 'off',
      // An empty variable of the environment is none.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // Option types stand ready for their first option.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'always' }],
      // These believe the types where other programs, or an await in between, know better.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Matters of taste, where ours is another.
      '@typescript-eslint/class-literal-property-style': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  {
    // The engine is a state machine: the same calls at the same times have the same effects, all of which have happened when a turn is over.
    files: ['engine/core/**', 'engine/memory/**', 'engine/machine/**', 'engine/state/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['Date', 'crypto', 'performance', 'process', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout'].map((name) => ({
          name,
          message: 'An engine has its time from engine/core/clock.ts, and everything else of the process from engine/core/system.ts.',
        })),
        { name: 'Promise', message: NO_PROMISES },
      ],
      // Hashes are as good as any other function: the codecs use them.
      'no-restricted-imports': ['error', { name: 'node:crypto', message: 'An engine does nothing by chance.' }],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'An engine does nothing by chance.' }],
      'no-restricted-syntax': [
        'error',
        ...['[async=true]', 'AwaitExpression', '[await=true]'].map((selector) => ({ selector, message: NO_PROMISES })),
      ],
    },
  },
  {
    // scripts/tsconfig.json has the compiler check their types.
    files: ['**/*.{js,mjs}'],
    rules: { eqeqeq: 'error', 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }], 'no-var': 'error', 'prefer-const': 'error' },
  },
  {
    // The code that runs there is made by the test: its types are not known. It says how much it has tried.
    files: ['test/threads/model/**'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
    },
  },
  {
    // Programs talk to a person.
    files: [
      'examples/**',
      'bench/**',
      'scripts/**',
      'cli/serve.ts',
      'cli/run-doctor.ts',
      'test/integration/programs/*.ts',
      'test/simulation/main.ts',
      'test/crash/main.ts',
      'test/overload/main.ts',
      'test/overload/innocent.ts',
      'test/fuzz/main.ts',
      'test/fuzz/process-entry.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
