// Only the five type-aware rules; formatting and plain lint are Biome's.
import tseslint from 'typescript-eslint';

export default tseslint.config({
  files: ['coordinator/**/*.ts', 'agent/**/*.ts', 'shared/**/*.ts', 'test/**/*.ts'],
  ignores: ['**/generated/**', '**/*.generated.ts'],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { project: './tsconfig.json', tsconfigRootDir: new URL('..', import.meta.url).pathname },
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
