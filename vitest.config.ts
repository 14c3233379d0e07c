import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

// Built code is loaded by Node itself, not by vitest's transformer: then NODE_V8_COVERAGE measures it in every process
// alike, whether a test imports it or starts it.
const built = /\/(packages|apps|scripts)\/([^/]+\/)?dist\//;

const shared: TestProjectInlineConfiguration['test'] = {
  environment: 'node',
  pool: 'forks',
  setupFiles: ['tests/setup/each-file.ts'],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  server: { deps: { external: [built] } },
};

export default defineConfig({
  test: {
    globalSetup: ['tests/setup/global-setup.ts'],
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'scripts/test/**/*.test.ts',
            'tests/**/*.test.ts',
          ],
          exclude: ['tests/e2e/**', 'tests/chaos/**', '**/node_modules/**', '**/dist/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // Each starts every process: one at a time, after the rest.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'chaos',
          include: ['tests/chaos/**/*.test.ts'],
          // The slow ones only where somebody asks for them: make chaos-faults.
          exclude: process.env['CHAOS_FAULTS'] === undefined ? ['tests/chaos/**/*.slow.test.ts'] : [],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
