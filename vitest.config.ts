import process from "node:process";
import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/e2e/**"],
    globalSetup: ["test/announce-missing-tools.ts", "test/secrets/tally.ts"],
    setupFiles: ["test/secrets/setup.ts"],
    testTimeout: 30_000,
    // Real processes on a shared machine: what fails in CI is tried twice more before it counts.
    retry: process.env.CI === "true" ? 2 : 0,
    hookTimeout: 60_000,
    // What comes by itself comes late on a machine with much to do.
    expect: { poll: { timeout: 15_000 } },
  },
});
