import { ecrHostOf } from "../ecr/registry-host.ts";
import { PromoterError } from "../error.ts";
import { namePattern } from "./name-pattern.ts";
import { parseRegistryPrefix } from "./route-flag.ts";

/** An environment as people say it in one line. */
export interface SaidEnvironment {
  readonly name: string;
  /** An ECR registry by its account and region, or any by its host. */
  readonly registry: { readonly account: string; readonly region: string } | { readonly host: string };
  /** Empty for the whole registry. */
  readonly prefix: string;
}

/**
 * Reads `NAME=ACCOUNT/REGION[/PREFIX]` or `NAME=HOST[/PREFIX]`.
 *
 * @throws {PromoterError} `Usage`
 */
export function parseEnvironmentFlag(text: string): SaidEnvironment {
  const equals = text.indexOf("=");
  if (equals < 0) {
    throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} has no = behind its name`, {
      hint: "Write NAME=ACCOUNT/REGION: production=222222222222/eu-west-1",
    });
  }
  return { name: parseEnvironmentName(text.slice(0, equals)), ...parseRegistryFlag(text.slice(equals + 1)) };
}

/** Reads the name of an environment. @throws {PromoterError} `Usage` */
export function parseEnvironmentName(text: string): string {
  if (namePattern.test(text)) return text;
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} is no name of an environment`, {
    hint: "Use up to 63 of a-z, 0-9 and -, not at its ends: production",
  });
}

/**
 * Reads `ACCOUNT/REGION[/PREFIX]` or `HOST[/PREFIX]`.
 *
 * @throws {PromoterError} `Usage`
 */
export function parseRegistryFlag(text: string): Omit<SaidEnvironment, "name"> {
  const [account = "", region = "", ...path] = text.replace(/\/$/, "").split("/");
  if (!/^\d+$/.test(account)) {
    const { host, prefix } = asUsage(() => parseRegistryPrefix(text));
    return { registry: { host }, prefix };
  }
  const host = ecrHostOf(account, region);
  if (host === undefined) throw unknownPlace(text, account, region);
  const { prefix } = asUsage(() => parseRegistryPrefix([host, ...path].join("/")));
  return { registry: { account, region }, prefix };
}

/** What stands against one more environment; undefined when nothing does. */
export function conflictWith(
  earlier: readonly SaidEnvironment[],
  environment: SaidEnvironment,
): PromoterError | undefined {
  if (earlier.some(({ name }) => name === environment.name)) {
    return new PromoterError("Usage", `Two environments are called ${environment.name}`, {
      hint: "Give each a name of its own",
    });
  }
  const twin = earlier.find((other) => placeOf(other) === placeOf(environment));
  if (twin === undefined) return undefined;
  return new PromoterError("Usage", `${twin.name} and ${environment.name} have the same registry`, {
    hint: "Give each an account, a region or a prefix of its own",
  });
}

function placeOf({ registry, prefix }: SaidEnvironment): string {
  const host = "host" in registry ? registry.host : ecrHostOf(registry.account, registry.region);
  return `${host}/${prefix}`;
}

function unknownPlace(text: string, account: string, region: string): PromoterError {
  const what = /^\d{12}$/.test(account)
    ? `${JSON.stringify(region)} is no AWS region`
    : `an account has 12 digits, not ${account.length}`;
  return new PromoterError(
    "Usage",
    `Cannot read the registry ${JSON.stringify(text.slice(0, 300))}: ${what}`,
    {
      hint: "Write ACCOUNT/REGION or HOST, and /PREFIX behind it if there is one: 222222222222/eu-west-1",
    },
  );
}

function asUsage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PromoterError)) throw error;
    throw new PromoterError("Usage", error.message, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    });
  }
}
