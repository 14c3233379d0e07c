import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const tests = ['packages/*/test/**/*.ts', 'apps/*/test/**/*.ts', 'scripts/test/**/*.ts', 'bench/test/**/*.ts', 'tests/**/*.ts', 'vitest.config.ts'];
// The only files that read the environment: each app's main and config, and what runs outside production.
const readsEnvironment = ['apps/*/src/main.ts', 'apps/*/src/config.ts', 'scripts/src/**', 'bench/src/**', 'packages/testkit/**', ...tests];
const configs = ['*.config.{js,ts}', '.dependency-cruiser.cjs'];

const namedExportsOnly = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only: a name that can be searched for.',
};
const noInnerBarrels = {
  selector: 'ExportAllDeclaration',
  message: 'List what is exported by name.',
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'coverage/**', '.local*/**', '**/test/fixtures/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ['packages/*/tsconfig.json', 'apps/*/tsconfig.json', 'scripts/tsconfig.json', 'bench/tsconfig.json'] } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A template may hold a number or a flag without a String() around it.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowNullish: true }],
      // process.env['NAME'] marks a key that no type promises.
      '@typescript-eslint/dot-notation': 'off',
      // `a || b` is meant where an empty text counts as missing.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      // An async function without await keeps its promise when it throws.
      '@typescript-eslint/require-await': 'off',
      // A handler for an event that needs no answer is an empty function.
      '@typescript-eslint/no-empty-function': 'off',
      // Both say what they mean.
      '@typescript-eslint/consistent-type-definitions': 'off',
      'no-restricted-syntax': ['error', namedExportsOnly, noInnerBarrels],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only main.ts and config read the environment; pass the value in.' },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: tests,
    languageOptions: { parserOptions: { project: 'tsconfig.test.json' } },
    rules: {
      // A test looks at parsed JSON, and hands odd things over on purpose.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: readsEnvironment, rules: { 'no-restricted-properties': 'off' } },
  { files: configs, rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable', require: 'readonly' } } },
  { files: ['**/*.mjs'], languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } } },
);
