import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['**/node_modules', 'out', 'test-results', 'playwright-report', '**/*.cjs', '*.mjs'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  // One program over all zones: rules see the same types, and each file is read once. The zones' own limits are tsc's to check.
  { languageOptions: { parserOptions: { project: './tsconfig.lint.json' } } },
  {
    rules: {
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message:
            'Only src-main/host/config.ts and cluster/entries/cluster-settings.ts read the environment; pass the value in.',
        },
      ],
    },
  },
  {
    files: [
      'src-main/host/config.ts',
      'src-main/launch/**',
      'cluster/entries/cluster-settings.ts',
      'e2e/**',
      '*.ts',
      'cluster/bench/**',
      '**/*.test.ts',
      '**/*.spec.ts',
    ],
    rules: { 'no-restricted-properties': 'off', 'no-console': 'off' },
  },
  {
    files: ['cluster/domain/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'The domain takes the time as an argument.' },
        { object: 'Math', property: 'random', message: 'The domain takes its dice as an argument (a seed).' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'The domain takes the time as an argument.',
        },
      ],
    },
  },
  {
    files: ['src-renderer/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  { files: ['**/*.test.ts', '**/*.test.tsx', '**/*.spec.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  {
    // Plain JavaScript, typed by comments: tsc knows the globals, and what JSON.parse gives cannot be parsed by zod before zod is installed.
    files: ['src-main/launch/**/*.mjs'],
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
    },
  },
)
