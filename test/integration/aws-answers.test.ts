import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blobBytes } from "../emulator/blob.ts";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { describeWithTool } from "../tool.ts";
import { type AwsCall, conversation, layer } from "./aws-calls.ts";
import { openAwsSession } from "./aws-session.ts";
import { startMoto } from "./moto.ts";

/** The account that moto plays. */
const account = "123456789012";

describeWithTool(["aws", "moto_server"], () => {
  describe("the emulator answers `aws ecr` as moto does", () => {
    const answers: { moto?: readonly string[]; ours?: readonly string[] } = {};
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "aws-answers-"));
      await writeFile(join(folder, "layer"), blobBytes(layer));
      await using emulator = await startEcrEmulator();
      await using moto = await startMoto();
      const { accessKeyId, secretAccessKey } = emulator.account(account).admin();
      const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, HOME: folder };
      [answers.moto, answers.ours] = await Promise.all([
        converse({ ...env, AWS_ENDPOINT_URL: moto.url }),
        converse({ ...env, AWS_ENDPOINT_URL: emulator.url }),
      ]);
    }, 120_000);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it.each(conversation.map((call, turn) => [titleOf(call), call, turn] as const))(
      "%s",
      (_title, call, turn) => {
        const [moto, ours] = [answers.moto?.[turn], answers.ours?.[turn]];
        if (call.departure === undefined) {
          expect(ours).toBeDefined();
          expect(ours).toBe(moto);
          return;
        }
        expect(ours).toMatch(call.departure.ours);
        expect(moto).not.toMatch(call.departure.ours);
      },
    );
  });
});

/** All answers of one side: exit code, output and error, with what is never the same twice left out. */
async function converse(
  env: Readonly<Record<string, string>> & { HOME: string },
): Promise<readonly string[]> {
  await using aws = openAwsSession({ ...env, AWS_MAX_ATTEMPTS: "1" });
  const answers: string[] = [];
  let uploadId = "";
  for (const { args } of conversation) {
    const filled = args.map((arg) =>
      arg.replace("$upload", uploadId).replace("$layer", join(env.HOME, "layer")),
    );
    const call = ["ecr", ...filled, "--region", "eu-west-1", "--output", "json"];
    const { code, stdout, stderr } = await aws.run(call);
    uploadId = /"uploadId": "([^"]+)"/.exec(stdout)?.[1] ?? uploadId;
    answers.push(normalize(`exit ${code}\n${stdout}${stderr}`, uploadId));
  }
  return answers;
}

function normalize(text: string, uploadId: string): string {
  return text
    .replaceAll(/"(\w+(?:At|Date))": (?:"[^"]*"|[\d.]+)/g, '"$1": "…"')
    .replaceAll(uploadId === "" ? "$upload" : uploadId, "$upload")
    .trim();
}

function titleOf({ args, departure }: AwsCall): string {
  const words = args.map((arg) => (arg.length > 30 ? `${arg.slice(0, 30)}…` : arg)).join(" ");
  return departure === undefined ? words : `${words} (unlike moto: ${departure.why})`;
}
