import { readFile } from "node:fs/promises";
import process from "node:process";
import { expect, it } from "vitest";
import { tooOld } from "../../job/start/node-version.ts";

it.each(["18.20.4", "20.20.2", "23.11.1"])("Node %s will not do, and is told so", (version) => {
  expect(tooOld(version)).toMatch(
    `error [Usage]: Node 24 or newer is needed, and this is Node ${version}\n  hint: `,
  );
});

it.each(["24.0.0", "25.1.0", "100.0.0-nightly", process.versions.node])("Node %s will do", (version) => {
  expect(tooOld(version)).toBeUndefined();
});

it("is the Node that the package asks for", async () => {
  const { engines } = JSON.parse(await readFile("package.json", "utf8"));
  expect(engines.node).toBe(">=24");
});
