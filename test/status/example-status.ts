import {
  type Drift,
  drifts,
  type EnvironmentStatus,
  environmentStatus,
} from "../../job/status/environment-status.ts";

const environments = ["development", "staging", "production"] as const;
type Name = (typeof environments)[number];

const hosts: Readonly<Record<Name, string>> = {
  development: "111111111111.dkr.ecr.eu-west-1.amazonaws.com",
  staging: "222222222222.dkr.ecr.eu-west-1.amazonaws.com",
  production: "333333333333.dkr.ecr.eu-west-1.amazonaws.com",
};

const sources: Readonly<Record<Name, readonly Name[]>> = {
  development: [],
  staging: ["development"],
  production: ["staging"],
};

/** So many modules in three environments: of every ten one drifts in production, and one is behind there. */
export function exampleStatus(
  count: number,
  named = (number: number) => `team/module-${number}`,
): EnvironmentStatus {
  return environmentStatus({
    at: "2026-11-21T14:33:00.000Z",
    environments: environments.map((name) => ({
      name,
      registry: hosts[name],
      promotesFrom: sources[name],
      cluster: name !== "development",
      errors: [],
    })),
    modules: Array.from({ length: count }, (_, number) => ({
      module: named(number),
      environments: Object.fromEntries(
        environments.map((name) => [name, stateOf(name, named(number), number)]),
      ),
    })),
  });
}

function stateOf(name: Name, module: string, number: number) {
  const isBehind = name === "production" && number % 10 === 3;
  const drift: readonly Drift[] =
    name === "production" && number % 10 === 7 ? [drifts[number % drifts.length] ?? "tag-moved"] : [];
  const tag = isBehind ? `1.${number}.0` : `1.${number}.1`;
  const digest = `sha256:${number.toString(16).padStart(62, "0")}${isBehind ? "00" : "01"}`;
  if (name === "staging" && number % 10 === 9) return { images: [] };
  return {
    images: [
      {
        image: `${hosts[name]}/${module}:${tag}`,
        tag,
        digest,
        namedBy: "manifests" as const,
        promoted: true,
        promotion: {
          at: "2026-11-20T08:00:00.000Z",
          standing: "verified" as const,
          application: `shop-${name}`,
          revision: "1f0c3b9e".repeat(5),
          by: "release team",
        },
        ...(name === "development" ? {} : { usedBy: [`Deployment shop/web-${number}`] }),
        drift,
      },
    ],
    ...(isBehind && { behind: { environment: "staging", order: "older" as const, tag: `1.${number}.1` } }),
  };
}
