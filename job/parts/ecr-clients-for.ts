import { entryFor } from "../config/host-pattern.ts";
import type { Settings } from "../config/settings.ts";
import type { EcrClients } from "../ecr/api.ts";
import type { AssumedRole } from "../ecr/assumed-role.ts";
import { ecrClients } from "../ecr/client.ts";
import type { Runtime } from "../runtime.ts";
import { defaultPatience, userAgent } from "./surroundings.ts";

/** ECR's API with the identities that settings name for registries. */
export function clientsFor(
  settings: Settings,
  { env, clock, patience = defaultPatience }: Runtime,
): EcrClients & AsyncDisposable {
  return ecrClients({
    env,
    clock,
    answerTimeoutMs: patience.apiAnswerMs,
    userAgent,
    roleFor: ({ host }) => roleFor(host, settings),
  });
}

function roleFor(host: string, settings: Settings): AssumedRole | undefined {
  const entry = entryFor(host, settings.registries);
  if (entry?.roleArn === undefined) return undefined;
  const { roleArn: arn, externalId, sessionName } = entry;
  return {
    arn,
    ...(externalId !== undefined && { externalId }),
    ...(sessionName !== undefined && { sessionName }),
  };
}
