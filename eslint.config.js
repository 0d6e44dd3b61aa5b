// Lint for meaning; Prettier owns the shape.
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const environmentOnlyInConfig = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only core/config/load-config.ts reads the environment.',
}
const noConsole = {
  selector: "MemberExpression[object.name='console']",
  message: 'Use the logger (core/telemetry).',
}

export default tseslint.config(
  {
    ignores: [
      'node_modules/**',
      'data/**',
      '.tap/**',
      'control-api/console/dist/**',
      'control-api/console/api/generated*/**',
      'eslint.config.js',
      '.dependency-cruiser.cjs',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': ['error', environmentOnlyInConfig, noConsole],
    },
  },
  {
    // Programs that print to a terminal, and the one reader of the environment.
    files: [
      'core/config/load-config.ts',
      'main.ts',
      'scripts/**',
      'bench/**',
      'proof/**',
      'rehearsal/**',
      'test/**',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // tap's `t.test(…, async t => …)` trips the first two; tests are long tables and may assert with `!`.
    files: ['test/**', 'bench/**'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['control-api/console/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // Markup is long before it is hard to read.
    files: ['**/*.tsx'],
    rules: {
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['**/*.mjs', '**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
)
