/** Tests mirror lib/, lambda/, app/ and trial/; what takes longer than a few seconds a test is called *.long.test.ts. */
export default {
  testEnvironment: 'node',
  // By default one core is left alone: of two that is half, and the tests run one after the other.
  maxWorkers: '100%',
  // For what hangs; how long a test takes is no verdict, and the machine may be busy.
  testTimeout: 300_000,
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['\\.long\\.test\\.ts$'],
  setupFiles: ['<rootDir>/test/setup/validation.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/setup/mask-assets.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
};
