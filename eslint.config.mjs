// What the compiler cannot say: which way dependencies point, what a pure library may not touch, and
// what must not be written anywhere. Tests in tools/repository plant a breach of each and see it reported.
import { builtinModules } from 'node:module';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const cores = ['session-core', 'processor-core', 'zab-core', 'tree-core', 'client-core'];
const pureLibraries = ['model', 'ports', 'codec', ...cores].map((it) => `libs/${it}/src/**/*.ts`);

const stageScopes = ['session', 'processor', 'zab', 'database', 'client'];

const words = ['type:model', 'type:port', 'type:codec'];
const carriers = ['type:generated', 'type:adapter'];

const mayDependOn = {
  'type:model': ['type:model'],
  'type:port': ['type:model'],
  'type:core': words,
  'type:codec': ['type:model'],
  'type:generated': [],
  'type:adapter': [...words, 'type:generated'],
  'type:client': [...words, ...carriers, 'type:core'],
  'type:recipe': [...words, 'type:client'],
  // Composes the four stages, so it alone of the libraries sees all cores.
  'type:composition': [...words, ...carriers, 'type:core'],
  'type:app': [...words, ...carriers, 'type:core', 'type:composition', 'type:client'],
  'type:test': [...words, ...carriers, 'type:test'],
  'type:tool': ['*'],
  'type:e2e': ['*'],
  'type:contract': [],
};

const pureTypes = ['type:model', 'type:port', 'type:core', 'type:codec'];

// Wire types stop in the carriers of links, logging is set up in one place.
const externalOf = {
  'type:generated': ['protobufjs', 'protobufjs/*'],
  'type:app': ['commander', 'zod'],
};

/** Tests may also use what is made for tests, and those of an adapter a real one beside it. */
function boundaries({ tests }) {
  const byType = Object.entries(mayDependOn).map(([sourceTag, tags]) => ({
    sourceTag,
    onlyDependOnLibsWithTags: tests ? [...tags, ...allowedInTests(sourceTag)] : tags,
    ...(tests ? {} : externalsAllowed(sourceTag)),
  }));
  const byScope = stageScopes.map((scope) => ({
    sourceTag: `scope:${scope}`,
    onlyDependOnLibsWithTags: [`scope:${scope}`, 'scope:shared'],
  }));
  return {
    allow: [],
    banTransitiveDependencies: false,
    depConstraints: [
      ...byType,
      ...byScope,
      { sourceTag: '*', bannedExternalImports: ['@grpc/proto-loader'] },
    ],
  };
}

function allowedInTests(sourceTag) {
  return sourceTag === 'type:adapter' ? ['type:test', 'type:adapter'] : ['type:test'];
}

function externalsAllowed(sourceTag) {
  if (pureTypes.includes(sourceTag)) return { allowedExternalImports: ['none'] };
  const allowedExternalImports = externalOf[sourceTag];
  return allowedExternalImports === undefined ? {} : { allowedExternalImports };
}

const everywhere = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  {
    selector: 'ExportAllDeclaration',
    message: 'Name what is exported: what is not in index.ts is private.',
  },
];

const typedErrors = [
  {
    selector: "ThrowStatement > NewExpression[callee.name='Error']",
    message: 'Throw an error class of this package, whose fields a caller can read; or assert.',
  },
];

const synchronous = [
  {
    selector: ':function[async=true]',
    message: 'A core never waits: time and results are events.',
  },
  { selector: 'AwaitExpression', message: 'A core never waits: time and results are events.' },
  { selector: 'ForOfStatement[await=true]', message: 'A core never waits.' },
  { selector: "NewExpression[callee.name='Promise']", message: 'A core never waits.' },
  { selector: "MemberExpression[object.name='Promise']", message: 'A core never waits.' },
  { selector: 'ImportExpression', message: 'A pure library is loaded whole.' },
];

const impureGlobals = [
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['clearTimeout', 'clearInterval', 'clearImmediate', 'process', 'console', 'crypto', 'fetch'],
  ...['Buffer', 'globalThis', 'global', 'require', 'WeakRef', 'FinalizationRegistry', 'Intl'],
];

const textCodecGlobals = ['TextEncoder', 'TextDecoder'];

function restrictGlobals(names) {
  const message = 'A pure library is told the time, the randomness and what it reads.';
  return ['error', ...names.map((name) => ({ name, message }))];
}

const testFiles = ['**/test/**/*.ts', '**/bench/**/*.ts'];

const config = tseslint.config(
  { ignores: ['**/dist/**', '**/gen/**', '.nx/**', '**/node_modules/**', 'docs/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries({ tests: false })],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      // An async function that only throws is how a port's implementation refuses.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...everywhere],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['{libs,apps}/*/src/**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'The environment is read in environment.ts, and passed on.',
        },
      ],
      'no-restricted-syntax': ['error', ...everywhere, ...typedErrors],
    },
  },
  {
    files: ['{libs,apps}/*/src/**/environment.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['libs/model/src/**/*.ts'],
    // Here the branded types are made, and nothing but an assertion makes one.
    rules: { '@typescript-eslint/no-unsafe-type-assertion': 'off' },
  },
  {
    files: pureLibraries,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.map((name) => ({
            name,
            message: 'A pure library has no platform.',
          })),
          patterns: [{ group: ['node:*'], message: 'A pure library has no platform.' }],
        },
      ],
      'no-restricted-globals': restrictGlobals([...impureGlobals, ...textCodecGlobals]),
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness is an event.' },
        ...['localeCompare', 'toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase'].map(
          (property) => ({ property, message: 'It differs from machine to machine.' }),
        ),
      ],
      'no-restricted-syntax': ['error', ...everywhere, ...typedErrors, ...synchronous],
    },
  },
  {
    files: ['libs/model/src/text.ts'],
    rules: { 'no-restricted-globals': restrictGlobals(impureGlobals) },
  },
  {
    files: ['apps/cli/src/**/*.ts', 'tools/**', 'e2e/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: testFiles,
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries({ tests: true })],
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly' },
    },
  },
  {
    files: ['tools/bootstrap/*.mjs'],
    languageOptions: {
      globals: {
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['*.config.{ts,mjs}'],
    // The tools that read these files take a default export.
    rules: { 'no-restricted-syntax': 'off' },
  },
);

export default config;
