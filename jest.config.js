const swc = ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } }];

const project = (name, extra = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  transform: { '^.+\\.ts$': swc },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  // Else what a test file leaves in globals that Node shares (signal-exit, in execa) is taken from the next one.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  injectGlobals: false,
  ...extra,
});

/** @type {import('jest').Config} */
export default {
  testTimeout: 1_200_000,
  testSequencer: '<rootDir>/test/longest-first.js',
  projects: [project('unit'), project('integration'), project('e2e')],
};
