import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readConfiguration } from "../../job/config/read-configuration.ts";

it("reads and checks the file", async () => {
  const text = "apiVersion: image-promoter/v1\nkind: Promoter\nstrict: true\n";
  const configuration = await readConfiguration("p.yaml", async () => text);
  expect(configuration).toMatchObject({ strict: true, source: "p.yaml" });
});

it("names the file that cannot be read", async () => {
  const readFile = async () => {
    throw Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
  };
  await expect(readConfiguration("p.yaml", readFile)).rejects.toMatchObject({
    code: "InvalidConfiguration",
    message: "Cannot read the configuration file p.yaml: ENOENT",
  });
});

it("does not load zod or yaml before there is a file", () => {
  const config = fileURLToPath(new URL("../../job/config/", import.meta.url));
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import("file://${config}settings.ts");
    await import("file://${config}read-configuration.ts");
    console.log(JSON.stringify(loaded));
  `;
  const loaded = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(loaded).toContain("settings.ts");
  expect(loaded).not.toMatch(/node_modules/);
});
