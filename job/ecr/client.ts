import type { ECRClient } from "@aws-sdk/client-ecr";
import type { Clock } from "../async/clock.ts";
import type { EcrClients } from "./api.ts";
import type { AssumedRole } from "./assumed-role.ts";
import { type AwsIdentitySource, processCredentials, roleCredentials } from "./aws-credentials.ts";
import {
  type AwsEnvironment,
  endpointOverride,
  prefersDualStack,
  prefersFips,
  proxyVariables,
} from "./aws-environment.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { sdkApi } from "./sdk-api.ts";

export interface EcrClientsOptions {
  readonly env: AwsEnvironment;
  readonly clock: Clock;
  /** Milliseconds to wait for an answer. Default 20 seconds. */
  readonly answerTimeoutMs?: number;
  /** What CloudTrail shows behind the SDK's own name: `argocd-image-promoter/1.2.3`. */
  readonly userAgent?: string;
  /** The role to take on for a registry; undefined for the process's own identity. */
  readonly roleFor?: (host: EcrRegistryHost) => AssumedRole | undefined;
}

/** How often a call is tried, the first time included; a registry request that needs a token is repeated above this. */
const attempts = 3;
const connectTimeoutMs = 5_000;
const defaultAnswerTimeoutMs = 20_000;

/**
 * ECR's API by the AWS SDK, which is loaded when the first registry is opened: one SDK client per region, role and kind
 * of endpoint. Their connections are kept until they are disposed of.
 */
export function ecrClients(options: EcrClientsOptions): EcrClients & AsyncDisposable {
  const openClient = clientOpener(options);
  const clients = new Map<string, Promise<ECRClient>>();
  const identityFor = (host: EcrRegistryHost) => nameIdentity(options.roleFor?.(host));
  return {
    identityFor,
    async forHost(host) {
      const key = [host.region, host.fips, host.dualStack, identityFor(host)].join(" ");
      const client = clients.get(key) ?? openClient(host);
      clients.set(key, client);
      return sdkApi({ host, identity: identityFor(host), client: await client });
    },
    async [Symbol.asyncDispose]() {
      for (const opened of await Promise.allSettled(clients.values())) {
        if (opened.status === "fulfilled") opened.value.destroy();
      }
    },
  };
}

function nameIdentity(role: AssumedRole | undefined): string {
  if (role === undefined) return "this process";
  return role.externalId === undefined ? role.arn : `${role.arn} (external id ${role.externalId})`;
}

function clientOpener(options: EcrClientsOptions): (host: EcrRegistryHost) => Promise<ECRClient> {
  const { env, userAgent, answerTimeoutMs = defaultAnswerTimeoutMs } = options;
  let handler: Promise<object> | undefined;
  const credentials = credentialsByRegion(options);
  return async (host) => {
    handler ??= httpHandler(env, answerTimeoutMs);
    const endpoint = endpointOverride(env, "ECR");
    const [{ ECRClient }, requestHandler] = await Promise.all([import("@aws-sdk/client-ecr"), handler]);
    return new ECRClient({
      region: host.region,
      credentials: credentials(host, requestHandler),
      requestHandler,
      maxAttempts: attempts,
      retryMode: "standard",
      // The SDK refuses an endpoint of one's own together with a wish for its flavour.
      useFipsEndpoint: endpoint === undefined && (host.fips || prefersFips(env)),
      useDualstackEndpoint: endpoint === undefined && (host.dualStack || prefersDualStack(env)),
      ...(endpoint !== undefined && { endpoint }),
      ...(userAgent !== undefined && { customUserAgent: userAgent }),
    });
  };
}

/** One source per region for the process itself, on which the roles of that region stand. */
function credentialsByRegion({ env, clock, roleFor }: EcrClientsOptions) {
  const own = new Map<string, AwsIdentitySource>();
  return (host: EcrRegistryHost, requestHandler: object): AwsIdentitySource => {
    const where = { env, clock, region: host.region, requestHandler };
    const base = own.get(host.region) ?? processCredentials(where);
    own.set(host.region, base);
    const role = roleFor?.(host);
    return role === undefined ? base : roleCredentials(role, base, where);
  };
}

/** The SDK's way over HTTP: within our times, through our proxies. */
export async function httpHandler(env: AwsEnvironment, answerTimeoutMs: number): Promise<object> {
  const [{ NodeHttpHandler }, http, https] = await Promise.all([
    import("@smithy/node-http-handler"),
    import("node:http"),
    import("node:https"),
  ]);
  const agent = { keepAlive: true, maxSockets: 32, proxyEnv: proxyVariables(env) };
  return new NodeHttpHandler({
    connectionTimeout: connectTimeoutMs,
    requestTimeout: answerTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: new http.Agent(agent),
    httpsAgent: new https.Agent(agent),
  });
}
