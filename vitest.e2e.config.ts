import { defineConfig } from "vitest/config";

/** Tests on a real cluster, which they do not start: `KUBECONFIG=… npm run e2e`. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/e2e/setup.ts"],
    // They wait for the cluster most of the time, not for the processor.
    maxWorkers: 4,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
