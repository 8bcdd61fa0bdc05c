import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import importWalls from './eslint.walls.js';

const TESTS = [
  '**/*.test.ts',
  '**/src/contract/**/*.ts',
  '**/src/test/**/*.ts',
  'shared/testing/**',
  'tests/**',
  'bench/**',
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '**/coverage/',
      '**/.turbo/',
      'docs/figures/',
      'clients/typescript/src/generated/api.ts',
      'services/gateway/src/grpc/generated/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => void work()` and `for (;;)` say what they mean.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // An interface may ask for a promise where an adapter has its answer at once.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 60 }],
    },
  },
  {
    files: TESTS,
    rules: {
      // Jest's asymmetric matchers are `any` by their types.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['clients/**/*.ts'],
    // A command line talks by the console.
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', globalThis: 'readonly' },
    },
  },
  ...importWalls,
);
