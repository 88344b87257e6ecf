import usual from './jest.config.mjs';

/** `npm run test:long`: what takes longer than a minute, one after the other. */
export default { ...usual, testMatch: ['**/*.long.test.ts'], testPathIgnorePatterns: [] };
