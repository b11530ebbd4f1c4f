import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { ImageFixture } from "../fixtures/image-fixture.ts";
import { pushOverHttp } from "../fixtures/push-over-http.ts";
import { startDistribution } from "../integration/distribution.ts";
import { type CommandOptions, type CommandRun, runCommand } from "../scenarios/command-run.ts";
import { region } from "../scenarios/two-accounts.ts";

/** Development, staging and production: three registries, with what promotes between them. */
export interface ThreeEnvironments extends AsyncDisposable {
  readonly dev: string;
  readonly staging: string;
  readonly prod: string;
  /** The emulator behind them, where there is one. */
  readonly emulator?: EcrEmulator;
  push(host: string, repository: string, fixture: ImageFixture, tags: readonly string[]): Promise<void>;
  /** `promote -o json` with `--attest`. */
  promote(from: string, to: string, args: readonly string[], options?: CommandOptions): Promise<CommandRun>;
}

const accounts = ["111111111111", "222222222222", "333333333333"] as const;

/** Registries of the emulator, which speak the specification's protocol to everybody. */
export async function emulatedEnvironments(options: EmulatorOptions = {}): Promise<ThreeEnvironments> {
  const emulator = await startEcrEmulator({ ...options, mode: "strict" });
  const [dev = "", staging = "", prod = ""] = await Promise.all(
    accounts.map((account) => emulator.listen(account, region)),
  );
  return {
    ...environments(dev, staging, prod),
    emulator,
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

/** Registries of the distribution project, which have no referrers API. */
export async function distributionEnvironments(): Promise<ThreeEnvironments> {
  await using opened = new AsyncDisposableStack();
  const open = async () => opened.use(await startDistribution()).address;
  const [dev, staging, prod] = await Promise.all([open(), open(), open()]);
  const stack = opened.move();
  return { ...environments(dev, staging, prod), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function environments(
  dev: string,
  staging: string,
  prod: string,
): Omit<ThreeEnvironments, typeof Symbol.asyncDispose> {
  return {
    dev,
    staging,
    prod,
    push: (host, repository, fixture, tags) =>
      pushOverHttp(fixture, { registry: `http://${host}`, repository, tags }),
    promote: (from, to, args, options) =>
      runCommand(["promote", "-o", "json", "--attest", "--from", from, "--to", to, ...args], options),
  };
}
