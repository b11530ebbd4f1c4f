import { describe, expect, it } from "vitest";
import { asPluginInput } from "../../job/commands/plugin-input.ts";
import type { Runtime } from "../../job/runtime.ts";

/** A runtime that has some files, and an environment. */
function runtimeWith(files: readonly string[], env: Readonly<Record<string, string>> = {}): Runtime {
  return {
    env,
    async readFile(path: string) {
      const plain = path.replaceAll(/[^/]+\/\.\.\//g, "").replaceAll(/[^/]+\/\.\.\//g, "");
      if (files.includes(plain)) return "";
      throw Object.assign(new Error("not there"), { code: "ENOENT" });
    },
  } as unknown as Runtime;
}

const input = (flags: Readonly<Record<string, unknown>> = {}) => ({
  flags: { build: "a/b/c", ...flags },
  images: [],
});

describe("asPluginInput", () => {
  it.each<[string, readonly string[], string | undefined]>([
    ["in the folder", ["a/b/c/promoter.yaml", "a/promoter.yaml"], "a/b/c/promoter.yaml"],
    ["above it", ["a/promoter.yaml"], "a/b/c/../../promoter.yaml"],
    ["nowhere", [], undefined],
  ])("finds the configuration %s", async (_where, files, expected) => {
    const { input: found } = await asPluginInput(input(), runtimeWith(files));
    expect(found.flags.config).toBe(expected);
  });

  it("looks no further up than the repository's root", async () => {
    const runtime = (path: string) => runtimeWith(["a/promoter.yaml"], { ARGOCD_APP_SOURCE_PATH: path });
    expect((await asPluginInput(input(), runtime("c"))).input.flags.config).toBeUndefined();
    expect((await asPluginInput(input(), runtime("./b/c"))).input.flags.config).toBeDefined();
  });

  it("leaves a configuration that is named", async () => {
    const runtime = runtimeWith(["a/b/c/promoter.yaml"]);
    expect((await asPluginInput(input({ config: "mine.yaml" }), runtime)).input.flags.config).toBe(
      "mine.yaml",
    );
    const named = await asPluginInput(
      input(),
      runtimeWith(["a/b/c/promoter.yaml"], { PROMOTER_CONFIG: "x" }),
    );
    expect(named.input.flags.config).toBeUndefined();
  });

  it("lets an Application choose an environment and routes, and nothing else", async () => {
    const env = {
      ARGOCD_ENV_PROMOTER_ENVIRONMENT: "production",
      ARGOCD_ENV_PROMOTER_TO: "prod.example.com",
      ARGOCD_ENV_PROMOTER_CONFIG: "secret",
      ARGOCD_ENV_PROMOTER_FROM: "",
      PROMOTER_FROM: "dev.example.com",
    };
    const { runtime } = await asPluginInput(input(), runtimeWith([], env));
    expect(runtime.env).toMatchObject({
      PROMOTER_ENVIRONMENT: "production",
      PROMOTER_TO: "prod.example.com",
      PROMOTER_FROM: "dev.example.com",
    });
    expect(runtime.env).not.toHaveProperty("PROMOTER_CONFIG");
  });

  it("changes nothing without --build", async () => {
    const runtime = runtimeWith(["promoter.yaml"], { ARGOCD_ENV_PROMOTER_TO: "x" });
    const plain = { flags: {}, images: [] };
    expect(await asPluginInput(plain, runtime)).toEqual({ input: plain, runtime });
  });
});
