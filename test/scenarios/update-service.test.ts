import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import type { UpdateReport } from "../../job/update/report.ts";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { startGitServer } from "../update/git/git-server.ts";
import { crossAccountPull, prodHost, twoAccounts } from "./two-accounts.ts";

const program = fileURLToPath(new URL("../../job/main.ts", import.meta.url));
const values = (tag: string) => `image: { repository: ${prodHost}/team/app, tag: ${tag} }\n`;

const application = (address: string) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  annotations:
    argocd-image-updater.argoproj.io/image-list: app=${prodHost}/team/app
    argocd-image-updater.argoproj.io/app.helm.image-tag: image.tag
    argocd-image-updater.argoproj.io/write-back-method: git
    argocd-image-updater.argoproj.io/write-back-target: helmvalues
spec:
  source: { repoURL: "${address}", path: charts, targetRevision: main }
`;

it("update keeps a branch up to date as a service, tells how it is, and ends in order", async () => {
  await using world = await twoAccounts();
  await using git = await startGitServer({ "charts/values.yaml": values("1.0.0") });
  const folder = await mkdtemp(join(tmpdir(), "update-service-"));
  const file = join(folder, "applications.yaml");
  await writeFile(file, application(git.address));
  world.allow("ecr:DescribeImages");
  const repository = world.dev("team/app");
  repository.policyText = crossAccountPull("ecr:DescribeImages");
  placeImage(repository, image({ seed: 1 }), { tags: ["1.0.0"] });
  const args = ["--applications", file, "--every", "50ms", "--health", "127.0.0.1:0", "--log-format", "json"];
  const child = spawn(process.execPath, [program, "update", ...args], {
    env: { PATH: process.env.PATH, TMPDIR: folder, ...world.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const stdout = text(child.stdout);
  const log: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  const port = () => /"port":(\d+)/.exec(log.join("\n"))?.[1];
  await expect.poll(port, { timeout: 20_000 }).toBeDefined();
  const probe = async (path: string) => (await fetch(`http://127.0.0.1:${port()}${path}`)).status;

  placeImage(repository, image({ seed: 2 }), { tags: ["1.1.0"] });
  await expect.poll(() => git.file("charts/values.yaml"), { timeout: 20_000 }).toBe(values("1.1.0"));
  expect([await probe("/healthz"), await probe("/readyz"), await probe("/")]).toEqual([200, 200, 404]);

  await writeFile(file, "argoproj.io: [");
  await expect.poll(() => probe("/readyz"), { timeout: 20_000 }).toBe(503);
  expect(await probe("/healthz")).toBe(200);
  await writeFile(file, application(git.address));
  await expect.poll(() => probe("/readyz"), { timeout: 20_000 }).toBe(200);

  child.kill("SIGTERM");
  expect(await code).toBe(0);
  const reports = (await stdout)
    .trim()
    .split("\n")
    .map((line): UpdateReport => JSON.parse(line));
  expect(reports.map(({ summary }) => summary.updated)).toEqual([1]);
  expect(log.some((line) => line.includes('"code":"InvalidInput"'))).toBe(true);
  // Nothing is left behind: neither repositories nor keys.
  expect(await readdir(folder)).toEqual(["applications.yaml"]);
  await rm(folder, { recursive: true });
}, 90_000);
