const swc = [
  '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
    swcrc: false,
  },
];

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@soma/source', 'node', 'node-addons'] },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  setupFilesAfterEnv: ['<rootDir>/tests/jest-setup.js'],
};

/**
 * `unit` needs nothing; `integration` gets real servers from its global setup; `acceptance` gets the whole system,
 * of the profile that SOMA_ACCEPTANCE_PROFILE names, and talks HTTP to it; `faults` starts and kills systems itself.
 */
export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{shared,services,clients}/*/src/**/*.test.ts',
        '<rootDir>/bench/src/**/*.test.ts',
        '<rootDir>/tests/src/fault-suite/**/*.test.ts',
      ],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.integration\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/{shared,services,clients}/*/src/**/*.integration.test.ts'],
      globalSetup: '<rootDir>/shared/testing/global-setup.js',
      globalTeardown: '<rootDir>/shared/testing/global-teardown.js',
    },
    {
      ...shared,
      displayName: 'acceptance',
      testMatch: ['<rootDir>/tests/src/acceptance/**/*.test.ts'],
      // What only a cluster has: Kafka as a door for other producers.
      testPathIgnorePatterns: [
        ...shared.testPathIgnorePatterns,
        ...(process.env.SOMA_ACCEPTANCE_PROFILE === 'cluster' ? [] : ['/acceptance/cluster/']),
      ],
      globalSetup: '<rootDir>/tests/acceptance-setup.js',
      globalTeardown: '<rootDir>/tests/acceptance-teardown.js',
    },
    {
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/tests/src/faults/**/*.test.ts'],
    },
  ],
};
