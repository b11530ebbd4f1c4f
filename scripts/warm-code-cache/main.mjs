// `main.mjs FOLDER` makes the code cache of the bundle in FOLDER: it promotes an image again and again, as Jobs do, so
// that V8 has compiled what a promotion needs. It fails when one of these promotions does. Plain JavaScript, and
// nothing but Node, since it runs where the bundle will: another version or architecture cannot use the cache.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { startEcrApi } from "./ecr-api.mjs";
import { makeImage } from "./image.mjs";
import { startRegistry } from "./registry.mjs";

const folder = resolve(process.argv[2]);
const image = makeImage();
const ecr = await startEcrApi();

/** Runs the program; it sees nothing of the environment, which might tell it otherwise. Gives its result. */
async function run(args) {
  const env = {
    AWS_ACCESS_KEY_ID: "anybody",
    AWS_SECRET_ACCESS_KEY: "anything",
    AWS_ENDPOINT_URL_ECR: `http://${ecr.host}`,
  };
  const command = [join(import.meta.dirname, "run.mjs"), folder, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env, timeout: 5 * 60_000 });
  return stdout;
}

/** Promotes from one registry to another, once with all to do, once with nothing. */
async function promote(argumentsFor) {
  const source = await startRegistry(image);
  const destination = await startRegistry();
  const args = ["promote", ...(await argumentsFor(source.host, destination.host))];
  await run(args);
  if (!destination.holds(image)) throw new Error(`Nothing was promoted by ${args.join(" ")}`);
  await run(args);
  source.close();
  destination.close();
}

// As arguments name the route.
await promote((from, to) => [`${to}/app:1`, "--from", from, "--to", to]);

// As a file names it.
const work = await mkdtemp(join(folder, "warming-"));
try {
  await promote(async (from, to) => {
    const file = join(work, "promoter.yaml");
    const routes = `routes:\n  - from: ${from}\n    to: ${to}\n`;
    await writeFile(file, `apiVersion: image-promoter/v1\nkind: Promoter\n${routes}`);
    return [`${to}/app:1`, "--config", file];
  });
} finally {
  await rm(work, { recursive: true });
}

// Between accounts of AWS.
await promote((from, to) => {
  const [development, production] = ["111122223333", "444455556666"].map(
    (account) => `${account}.dkr.ecr.eu-west-1.amazonaws.com`,
  );
  const endpoints = [`${development}=http://${from}`, `${production}=http://${to}`];
  const reached = endpoints.flatMap((endpoint) => ["--registry-endpoint", endpoint]);
  const route = ["--from", development, "--to", production, "--blob-host", "127.0.0.1"];
  return [`${production}/app:1`, ...route, ...reached];
});

// What makes the Job of a promotion.
const route = ["--from", "dev.example.com", "--to", "prod.example.com"];
const manifests = await run(["render", "manifests", "prod.example.com/app:1", ...route]);
if (!manifests.includes("kind: Job")) throw new Error(`No Job was made: ${manifests}`);

ecr.close();
