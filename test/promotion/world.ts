import { systemClock } from "../../job/async/clock.ts";
import { Semaphore } from "../../job/async/semaphore.ts";
import { parseReference } from "../../job/oci/reference.ts";
import type { PromotionContext } from "../../job/promotion/context.ts";
import { planPromotion } from "../../job/promotion/plan.ts";
import { promoteImages } from "../../job/promotion/promote.ts";
import type { ImageReport, PromotionReport } from "../../job/promotion/report.ts";
import { wantedImages } from "../../job/promotion/wanted.ts";
import { type MemoryOptions, MemoryRegistry } from "./memory-registry.ts";

/** Two registries in memory with a route from `dev` to `prod`, and perhaps a third between them. */
export interface World {
  readonly dev: MemoryRegistry;
  readonly staging: MemoryRegistry;
  readonly prod: MemoryRegistry;
  context(changes?: Partial<PromotionContext>): PromotionContext;
  plan(names: readonly string[]): Promise<PromotionReport>;
  promote(names: readonly string[], changes?: Partial<PromotionContext>): Promise<PromotionReport>;
  promoteOne(name: string, changes?: Partial<PromotionContext>): Promise<ImageReport>;
}

export const routes = [{ to: { host: "prod.test", prefix: "" }, from: [{ host: "dev.test", prefix: "" }] }];

export const twoSources = [
  {
    to: { host: "prod.test", prefix: "" },
    from: [
      { host: "staging.test", prefix: "" },
      { host: "dev.test", prefix: "" },
    ],
  },
];

export function world(options: MemoryOptions = {}, route = routes): World {
  const dev = new MemoryRegistry("dev.test", { prefersHead: options.prefersHead ?? false });
  const staging = new MemoryRegistry("staging.test");
  const prod = new MemoryRegistry("prod.test", options);
  const byHost = new Map([dev, staging, prod].map((registry) => [registry.host, registry]));
  const open = ({ host, repository }: { host: string; repository: string }) => {
    const registry = byHost.get(host);
    if (registry === undefined) throw new Error(`no registry ${host}`);
    return registry.repository(repository);
  };
  const context = (changes: Partial<PromotionContext> = {}): PromotionContext => ({
    repositories: { source: open, destination: open },
    clock: systemClock,
    limit: new Semaphore(4),
    overwrite: "mutable",
    referrers: "all",
    ...changes,
  });
  const promote: World["promote"] = (names, changes) => {
    const wishes = names.map((name) => ({ reference: parseReference(name) }));
    return promoteImages(wantedImages(wishes, route, { strict: false }), context(changes));
  };
  const plan: World["plan"] = (names) => {
    const wishes = names.map((name) => ({ reference: parseReference(name) }));
    const options = { createRepositories: false };
    return planPromotion(wantedImages(wishes, route, { strict: false }), options, context());
  };
  return {
    dev,
    staging,
    prod,
    context,
    plan,
    promote,
    async promoteOne(name, changes) {
      const [report] = (await promote([name], changes)).images;
      if (report === undefined) throw new Error("nothing was reported");
      return report;
    },
  };
}
