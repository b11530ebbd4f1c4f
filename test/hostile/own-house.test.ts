import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { runProgram } from "../integration/run-tool.ts";

it("S25: the emulator listens on loopback addresses only", async () => {
  await using emulator = await startEcrEmulator();
  const listeners = [
    emulator.url,
    emulator.storage.url,
    `http://${await emulator.listen("111111111111", "eu-west-1")}`,
  ];
  for (const url of listeners) expect(new URL(url).hostname).toBe("127.0.0.1");
});

const emulator = fileURLToPath(new URL("../../scripts/emulator.ts", import.meta.url));

it.each([
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
])("S25: the emulator does not start where %s is set", async (name) => {
  const run = await runProgram(process.execPath, [emulator], { env: { [name]: "c4n4ry-of-production" } });
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain(name);
  expect(run.stderr).not.toContain("c4n4ry");
});
