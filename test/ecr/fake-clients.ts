import type { EcrApi, EcrClients } from "../../job/ecr/api.ts";
import type { EcrRegistryHost } from "../../job/ecr/registry-host.ts";
import { parseEcrHost } from "../../job/ecr/registry-host.ts";
import { PromoterError } from "../../job/error.ts";

/** Clients whose calls are all refused but for those given; `calls` has what was asked, in order. */
export function fakeClients(
  overrides: Partial<EcrApi> | ((host: EcrRegistryHost) => Partial<EcrApi>),
  identityFor: (host: EcrRegistryHost) => string = () => "this process",
): EcrClients & { readonly calls: readonly string[] } {
  const calls: string[] = [];
  return {
    calls,
    identityFor,
    async forHost(host) {
      const given = typeof overrides === "function" ? overrides(host) : overrides;
      const api = { ...refusing(host), ...given };
      return new Proxy(api, {
        get(target, name) {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            calls.push([String(name), ...args.filter((arg) => typeof arg === "string")].join(" "));
            return value.apply(target, args);
          };
        },
      });
    },
  };
}

export function denied(): PromoterError {
  return new PromoterError("Denied", "Cannot call ECR: not authorized");
}

/** A host that the tests know to be one of ECR's. */
export function ecrHost(host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"): EcrRegistryHost {
  const parsed = parseEcrHost(host);
  if (parsed === undefined) throw new Error(`${host} is no ECR host`);
  return parsed;
}

function refusing(host: EcrRegistryHost): EcrApi {
  const refuse = async () => {
    throw denied();
  };
  return {
    host,
    callerAccount: refuse,
    getAuthorizationToken: refuse,
    describeRepository: refuse,
    async *listRepositories() {
      yield await refuse();
    },
    createRepository: refuse,
    describeImage: refuse,
    async *listImages() {
      yield await refuse();
    },
    deleteImages: refuse,
    countImages: refuse,
    describeScan: refuse,
    getLifecyclePolicy: refuse,
    putLifecyclePolicy: refuse,
    getRepositoryPolicy: refuse,
    setRepositoryPolicy: refuse,
    getAccountSetting: refuse,
  };
}
