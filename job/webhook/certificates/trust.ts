import { asPromoterError, hasCode } from "../../error.ts";
import type { KubernetesApi } from "../../kubernetes/api.ts";
import { asApiObject, isRecord, recordsOf } from "../../kubernetes/object.ts";
import type { Log } from "../../log.ts";

/** A configuration of webhooks, by which the API server knows whom to ask and whom to trust. */
export interface WebhookConfiguration {
  readonly kind: "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";
  readonly name: string;
}

export interface TrustOptions {
  readonly api: KubernetesApi;
  readonly configurations: readonly WebhookConfiguration[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

const group = "admissionregistration.k8s.io";
const manager = "image-promoter-certificates";

/** The collection that configurations of a kind are in. */
export function collectionOf({ kind }: Pick<WebhookConfiguration, "kind">): string {
  return `/apis/${group}/v1/${kind.toLowerCase()}s`;
}

/**
 * Has the API server trust these authorities for every webhook of the configurations, and no others. A configuration
 * that is not there is left out: nobody asks by it.
 *
 * @returns whether nothing had to be changed.
 * @throws {PromoterError} what the API says; `Denied` with what to grant.
 */
export async function trustAuthorities(authorities: string, options: TrustOptions): Promise<boolean> {
  const caBundle = Buffer.from(authorities).toString("base64");
  const changes = await Promise.all(
    options.configurations.map((configuration) => trustIn(configuration, caBundle, options)),
  );
  return !changes.includes(true);
}

async function trustIn(
  { kind, name }: WebhookConfiguration,
  caBundle: string,
  { api, log, signal }: TrustOptions,
): Promise<boolean> {
  const path = `${collectionOf({ kind })}/${name}`;
  const configuration = asApiObject(await api.get(path, { signal }));
  const webhooks = recordsOf(configuration?.webhooks);
  const isTrusted = webhooks.every(
    ({ clientConfig }) => isRecord(clientConfig) && clientConfig.caBundle === caBundle,
  );
  if (isTrusted) {
    if (configuration === undefined) log.debug({ [kind]: name }, "No such configuration of webhooks");
    return false;
  }
  const object = {
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name },
    webhooks: webhooks.map(({ name: webhook }) => ({ name: webhook, clientConfig: { caBundle } })),
  };
  // By the names of its webhooks: whoever adds or sorts them at the same time is not overwritten.
  await api.patch(path, { type: "apply", object, manager, force: true }, { signal });
  log.info({ [kind]: name }, "The API server trusts the webhook's certificates");
  return true;
}

/** What to do about an error of {@link trustAuthorities}. */
export function trustHint(error: unknown): string | undefined {
  if (!hasCode(error, "Denied", "Unauthorized")) return asPromoterError(error).hint;
  return `Grant get, list, watch and patch on the webhook configurations of the API group "${group}" by their names`;
}
