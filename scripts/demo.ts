import { styleText } from "node:util";
import { runCli } from "../job/cli.ts";
import { systemRuntime } from "../job/system-runtime.ts";
import { crossAccountPull, devHost, modules, openAccounts, prodHost } from "./demo/accounts.ts";
import { patchImage, type Release, renderRelease } from "./demo/release.ts";

const started = performance.now();
await using accounts = await openAccounts();
const { emulator } = accounts;

say("Two AWS accounts, in this process: an embedded ECR that evaluates IAM policies as AWS does.", [
  `development  ${devHost}   everything that was built`,
  `production   ${prodHost}   only what was promoted; its tags are immutable`,
]);

step(
  "Build images in development",
  "Two platforms each with a shared base, attestations, a signature and an SBOM.",
);
for (const module of modules) accounts.build(module, "1.4.0");
note(`built ${modules.map((module) => `${module}:1.4.0`).join(", ")}`);

step(
  "Let production pull",
  "The policy of each of development's repositories; the Job's role in production has its twin.",
);
note(JSON.stringify(crossAccountPull()));

const first: Release = { api: "1.4.0", web: "1.4.0", worker: "1.4.0" };
step("Change the overlay", "This line is the whole promotion:");
note(patchImage("api", "1.4.0").trimEnd());

step("Plan", "What the pull request shows before it is merged.");
await job(["plan", "-f", "-"], first);

step("Argo CD syncs: the PreSync Job", "Exactly what the Job's container runs, with its environment.");
await job(["promote", "-f", "-"], first);

step(
  "Argo CD syncs again, nothing has changed",
  "PreSync hooks run on every sync, so this has to cost next to nothing.",
);
emulator.clearRequests();
const again = await job(["promote", "-f", "-"], first);
note(
  `${Math.round(again.ms)} ms, ${emulator.requests.length} requests for ${modules.length} images, one of them for the token`,
);

step("A new version of one module", "Its base layers are in production already: only what is new crosses.");
accounts.build("api", "1.5.0");
await job(["promote", "-f", "-"], { ...first, api: "1.5.0" });

step(
  "Roll back to an image whose source is gone",
  "Development's lifecycle policy has expired api:1.4.0; production kept it.",
);
accounts.expireInDevelopment("api", "1.4.0");
await job(["promote", "-f", "-"], first);

step(
  "A conflict",
  "Somebody pushed another web:1.5.0 to production by hand. Its tag is immutable: nothing is sent, the sync stops.",
);
accounts.build("web", "1.5.0");
accounts.pushByHand("web", "1.5.0");
const conflict = await job(["promote", "-f", "-"], { web: "1.5.0" });
note(`exit code ${conflict.code}: trying again will not help, so the Job's podFailurePolicy fails at once`);

const seconds = ((performance.now() - started) / 1000).toFixed(1);
say(`That was the demo, in ${seconds} s. On your own accounts:`, [
  "npm run build",
  "export PROMOTER_FROM=<development account>.dkr.ecr.<region>.amazonaws.com",
  "export PROMOTER_TO=<production account>.dkr.ecr.<region>.amazonaws.com",
  "kustomize build overlays/production | node dist/image-promoter.js doctor -f -",
  "kustomize build overlays/production | node dist/image-promoter.js plan -f -",
  "kustomize build overlays/production | node dist/image-promoter.js promote -f -",
]);

/** Runs a command as the Job does, on what the overlay renders to. */
async function job(args: readonly string[], release: Release): Promise<{ code: number; ms: number }> {
  process.stdout.write(
    styleText("cyan", `\n$ kustomize build overlays/production | image-promoter ${args.join(" ")}\n`),
  );
  const { signal } = new AbortController();
  const runtime = {
    ...systemRuntime(process, signal),
    env: { ...accounts.jobEnvironment, PROMOTER_LOG_LEVEL: "warn" },
    readInput: async () => renderRelease(release),
  };
  const began = performance.now();
  const code = await runCli(args, runtime, signal);
  return { code, ms: performance.now() - began };
}

function step(title: string, explanation: string): void {
  process.stdout.write(`\n${styleText("bold", `── ${title}`)}\n   ${explanation}\n`);
}

function note(text: string): void {
  process.stdout.write(`${text.replace(/^/gm, "   ")}\n`);
}

function say(title: string, lines: readonly string[]): void {
  process.stdout.write(`\n${styleText("bold", title)}\n${lines.map((line) => `   ${line}\n`).join("")}`);
}
