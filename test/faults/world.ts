import type { PromotionReport } from "../../job/promotion/report.ts";
import type { Patience } from "../../job/runtime.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { Repository, RepositorySettings } from "../emulator/repository.ts";
import { placeImage } from "../fixtures/place-image.ts";
import type { CommandRun } from "../scenarios/command-run.ts";
import {
  devAccount,
  devHost,
  prodAccount,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "../scenarios/two-accounts.ts";
import { JumpingClock } from "./jumping-clock.ts";
import { app, olderApp, olderTool, sbom, tool } from "./release.ts";

export interface WorldOptions {
  readonly emulator?: EmulatorOptions;
  /** Of both repositories at the destination. */
  readonly destination?: RepositorySettings;
  readonly patience?: Partial<Patience>;
  /** Flags and images beyond the two of the release. */
  readonly args?: readonly string[];
}

export interface PromotionRun extends CommandRun {
  readonly report: PromotionReport | undefined;
  /** Milliseconds that it took, and that it believes to have taken. */
  readonly tookMs: number;
  readonly believedMs: number;
}

/** Two accounts between which the release is promoted, on a clock on which nobody waits. */
export interface FaultWorld extends AsyncDisposable {
  readonly accounts: TwoAccounts;
  readonly clock: JumpingClock;
  readonly dev: Readonly<Record<"app" | "tool", Repository>>;
  readonly prod: Readonly<Record<"app" | "tool", Repository>>;
  /** Promotes the release; `patiently` whatever the world's own patience is. */
  promote(how?: "patiently"): Promise<PromotionRun>;
}

/** Nobody sees an answer come this late who does not stall: real milliseconds, with other tests on the machine. */
const patience: Patience = { connectMs: 5_000, answerMs: 5_000, apiAnswerMs: 5_000 };

export async function faultWorld(options: WorldOptions = {}): Promise<FaultWorld> {
  const clock = new JumpingClock();
  const accounts = await twoAccounts({ ...options.emulator, clock });
  const { emulator } = accounts;
  const [source, destination] = await Promise.all([
    emulator.listen(devAccount, region),
    emulator.listen(prodAccount, region),
  ]);
  const dev = { app: accounts.dev("team/app"), tool: accounts.dev("team/tool") };
  const prod = {
    app: accounts.prod("team/app", options.destination),
    tool: accounts.prod("team/tool", options.destination),
  };
  placeImage(dev.app, app, { tags: ["1"] });
  placeImage(dev.app, sbom);
  placeImage(dev.tool, tool, { tags: ["1"] });
  placeImage(prod.app, olderApp, { tags: ["0"] });
  placeImage(prod.tool, olderTool, {
    tags: options.destination?.imageTagMutability === "IMMUTABLE" ? ["0"] : ["0", "1"],
  });
  const env = {
    PROMOTER_REGISTRY_ENDPOINT: `${devHost}=http://${source},${prodHost}=http://${destination}`,
    PROMOTER_LOG_LEVEL: "debug",
  };
  const args = [`${prodHost}/team/app:1`, `${prodHost}/team/tool:1`, ...(options.args ?? [])];
  return {
    accounts,
    clock,
    dev,
    prod,
    async promote(how) {
      const begun = [performance.now(), clock.now()] as const;
      const run = await accounts.run(["promote", "-o", "json", ...args], {
        env,
        clock,
        patience: how === "patiently" ? patience : { ...patience, ...options.patience },
      });
      return {
        ...run,
        report: run.stdout === "" ? undefined : JSON.parse(run.stdout),
        tookMs: performance.now() - begun[0],
        believedMs: clock.now() - begun[1],
      };
    },
    [Symbol.asyncDispose]: () => accounts[Symbol.asyncDispose](),
  };
}
