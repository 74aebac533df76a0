// Only the five type-aware rules; formatting and plain lint are Biome's.
import tseslint from 'typescript-eslint';

const rulesFor = (project, files, ignores) => ({
  files,
  ignores,
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { project, tsconfigRootDir: new URL('..', import.meta.url).pathname },
  },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
    '@typescript-eslint/switch-exhaustiveness-check': 'error',
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/only-throw-error': 'error',
  },
});

const UI = ['coordinator/ui/**/*.ts', 'coordinator/ui/**/*.tsx'];
export default tseslint.config(
  rulesFor(
    './tsconfig.json',
    ['coordinator/**/*.ts', 'agent/**/*.ts', 'shared/**/*.ts', 'test/**/*.ts'],
    ['**/generated/**', '**/*.generated.ts', ...UI],
  ),
  rulesFor('./coordinator/ui/tsconfig.json', UI, []),
);
