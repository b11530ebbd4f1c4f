import { NodeHttpHandler } from "@smithy/node-http-handler";
import { expect, it } from "vitest";
import { roleCredentials } from "../../job/ecr/aws-credentials.ts";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { ManualClock } from "./manual-clock.ts";

const minuteMs = 60_000;
const account = "111122223333";

it("are replaced before they expire, and held until then", async () => {
  await using emulator = await startEcrEmulator();
  const admin = emulator.account(account).admin();
  const { arn } = emulator.account(account).createRole("promoter");
  const clock = new ManualClock(Date.now());
  const credentials = roleCredentials({ arn }, async () => admin, {
    env: { AWS_ENDPOINT_URL_STS: emulator.url },
    clock,
    region: "eu-west-1",
    requestHandler: new NodeHttpHandler(),
  });
  const first = await credentials();
  await clock.advance(54 * minuteMs);
  expect(await credentials()).toBe(first);
  // They last an hour; a copy that begins in its last minutes must not be left without.
  await clock.advance(2 * minuteMs);
  const [second, third] = await Promise.all([credentials(), credentials()]);
  expect(second.accessKeyId).not.toBe(first.accessKeyId);
  expect(third).toBe(second);
  expect(emulator.requests.filter(({ kind }) => kind === "sts")).toHaveLength(2);
});
