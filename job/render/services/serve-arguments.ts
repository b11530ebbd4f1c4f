import type { Release } from "../release.ts";

/** Where the certificate of a Secret is mounted. */
const tlsFolder = "/etc/image-promoter-tls";
/** Seconds that are left of the time to end in after promotions have had theirs. */
const spareSeconds = 10;

/** Names by which the service finds its own things in the cluster. */
export interface ServeNames {
  /** What the API server calls it: `SERVICE.NAMESPACE.svc`. */
  readonly host: string;
  readonly tlsSecret: string;
  readonly configurations: string;
  /** Empty where no replica does what one alone is to do. */
  readonly lease: string;
}

/** What the container of `serve` is called with. */
export function serveArguments({ values: { serve } }: Release, names: ServeNames): readonly string[] {
  const { ports, terminationGracePeriodSeconds, watch, statusPage, extraArgs } = serve;
  return [
    "serve",
    `--listen=${ports.webhook}`,
    `--health=${ports.http}`,
    `--drain=${Math.max(1, terminationGracePeriodSeconds - spareSeconds)}s`,
    ...certificateArguments(serve.tls, names),
    ...(watch ? ["--watch"] : []),
    ...(names.lease === "" ? [] : [`--lease=${names.lease}`]),
    ...(statusPage.enabled ? ["--status-page"] : []),
    ...(statusPage.environment === "" ? [] : [`--environment=${statusPage.environment}`]),
    ...extraArgs,
  ];
}

function certificateArguments(
  { mode, days }: Release["values"]["serve"]["tls"],
  { host, tlsSecret, configurations }: ServeNames,
): readonly string[] {
  if (mode !== "self-managed") {
    return [`--tls-cert-file=${tlsFolder}/tls.crt`, `--tls-key-file=${tlsFolder}/tls.key`];
  }
  return [
    "--tls-self-managed",
    `--tls-secret=${tlsSecret}`,
    `--tls-name=${host}`,
    `--tls-lifetime=${days}d`,
    `--webhook-configuration=${configurations}`,
  ];
}
