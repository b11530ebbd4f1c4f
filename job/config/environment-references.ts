import type { z } from "zod";
import { ecrHostOf } from "../ecr/registry-host.ts";
import type { RegistryPrefix } from "../promotion/route.ts";
import { closestName } from "./closest-name.ts";
import type { WrittenEnvironment } from "./environment-schema.ts";

interface WrittenEnvironments {
  readonly environments?: Readonly<Record<string, WrittenEnvironment>> | undefined;
  readonly modules?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The registry that an environment's fields stand for. */
export function registryOf({ account, region, registry, prefix = "" }: WrittenEnvironment): RegistryPrefix {
  return { host: registry ?? ecrHostOf(String(account), region ?? "") ?? "", prefix };
}

/** For `superRefine`: every environment and module that is named exists, and none promotes from its own registry. */
export function checkReferences(file: WrittenEnvironments, context: z.core.$RefinementCtx): void {
  const { environments = {}, modules = {} } = file;
  const complain = (path: PropertyKey[], issue: { message: string; params?: Record<string, unknown> }) =>
    context.addIssue({ code: "custom", path: ["environments", ...path], ...issue });
  for (const [name, environment] of Object.entries(environments)) {
    for (const [index, source] of (environment.promotesFrom ?? []).entries()) {
      const issue = sourceIssue(source, environment, environments);
      if (issue !== undefined) complain([name, "promotesFrom", index], issue);
    }
    for (const [index, module] of (environment.images?.modules ?? []).entries()) {
      if (Object.hasOwn(modules, module)) continue;
      complain([name, "images", "modules", index], unknownName("module", module, Object.keys(modules)));
    }
  }
}

function sourceIssue(
  source: string,
  destination: WrittenEnvironment,
  environments: Readonly<Record<string, WrittenEnvironment>>,
): { message: string; params?: Record<string, unknown> } | undefined {
  const written = Object.hasOwn(environments, source) ? environments[source] : undefined;
  if (written === undefined) return unknownName("environment", source, Object.keys(environments));
  if (written === destination) return { message: "An environment cannot promote from itself" };
  const [from, to] = [registryOf(written), registryOf(destination)];
  if (from.host !== to.host || from.prefix !== to.prefix) return undefined;
  return {
    message: `${JSON.stringify(source)} has the same registry, so there is nothing to promote`,
    params: { hint: "Give each environment an account, a region or a prefix of its own" },
  };
}

/** What to say of a name that nothing has; the hint lists those that there are. */
export function unknownName(
  what: "environment" | "module",
  written: string,
  known: readonly string[],
): { readonly message: string; readonly params: { readonly hint: string } } {
  const meant = closestName(written, known);
  const message = `No ${what} is called ${JSON.stringify(written.slice(0, 100))}`;
  return {
    message: meant === undefined ? message : `${message}, did you mean ${JSON.stringify(meant)}?`,
    params: {
      hint: known.length === 0 ? `Describe it under ${what}s` : `There are the ${what}s ${known.join(", ")}`,
    },
  };
}
