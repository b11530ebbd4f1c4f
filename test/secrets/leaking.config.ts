import base from "../../vitest.config.ts";

/** The suite's own configuration, with the tests that leak in place of all others. */
// biome-ignore lint/style/noDefaultExport: this is how vitest reads its configuration
export default { ...base, test: { ...base.test, include: ["test/secrets/leaking.ts"] } };
