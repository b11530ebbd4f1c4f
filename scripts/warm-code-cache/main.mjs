// `main.mjs FOLDER` makes the code cache of the bundle in FOLDER: it promotes as people do, so that V8 has compiled
// what a promotion needs, and keeps that beside each script. Whatever else happens ends it with a failure.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { startEcrApi } from "./ecr-api.mjs";
import { makeImage } from "./image.mjs";
import { startRegistry } from "./registry.mjs";

const folder = resolve(process.argv[2] ?? "dist");
const ecr = await startEcrApi();

/** Runs the program, which has everything that it needs from its arguments. */
async function run(...args) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, "run.mjs"), folder, ...args],
    {
      env: {
        AWS_ACCESS_KEY_ID: "anybody",
        AWS_SECRET_ACCESS_KEY: "anything",
        AWS_ENDPOINT_URL_ECR: ecr.url,
        AWS_EC2_METADATA_DISABLED: "true",
      },
    },
  );
  return { stdout, stderr };
}

async function promote(hosts, ...more) {
  const image = makeImage(hosts.to);
  const [source, destination] = [await startRegistry(), await startRegistry()];
  source.place(image, "1");
  const { from = source.host, to = destination.host } = hosts;
  const addresses = [[from, source], [to, destination]].flatMap(([name, { host }]) => name === host ? [] : ["--registry-endpoint", `${name}=http://${host}`, "--blob-host", "127.0.0.1"]);
  const args = ["promote", `${to}/app:1`, "--from", from, "--to", to, ...addresses, ...more];
  console.log(await run(...args));
  if (!destination.holds(image, "1")) throw new Error(`Nothing has been promoted by ${args.join(" ")}`);
  // Once more, with nothing to do.
  console.log(await run(...args));
  source.close();
  destination.close();
}

const account = (id) => `${id}.dkr.ecr.eu-west-1.amazonaws.com`;
await promote({});
await promote({ from: account("111122223333"), to: account("444455556666") });
ecr.close();
