import { serveClusterSettings as table } from "../config/serve-cluster-setting-table.ts";
import { type SettingSources, settingOf } from "../config/setting.ts";
import { PromoterError } from "../error.ts";

/** What `serve` does with the cluster that it runs in. */
export interface ServeClusterSettings {
  /** Secret with the certificate. */
  readonly tlsSecret?: string;
  /** How the certificate of the Secret is made; absent when somebody else does. */
  readonly selfManaged?: {
    readonly names: readonly string[];
    readonly lifetimeMs: number;
    readonly configurations: readonly string[];
  };
  readonly watchPods: boolean;
  readonly lease?: string;
}

/** X.509 counts seconds, and everybody needs some time to hear of a new certificate. */
const shortestLifetimeMs = 60_000;

/** @throws {PromoterError} `Usage` or `InvalidConfiguration`. */
export function clusterSettingsOf(sources: SettingSources): ServeClusterSettings {
  const tlsSecret = settingOf(table.tlsSecret, sources);
  const names = settingOf(table.tlsNames, sources);
  const lifetimeMs = settingOf(table.tlsLifetime, sources);
  const lease = settingOf(table.lease, sources);
  const isSelfManaged = settingOf(table.tlsSelfManaged, sources);
  if (isSelfManaged && (tlsSecret === undefined || names.length === 0)) {
    throw new PromoterError(
      "Usage",
      "--tls-self-managed needs to know where the certificate is kept, and for whom",
      {
        hint: "Add --tls-secret image-promoter-tls --tls-name SERVICE.NAMESPACE.svc",
      },
    );
  }
  if (isSelfManaged && lifetimeMs < shortestLifetimeMs) {
    throw new PromoterError("Usage", "--tls-lifetime is too short to renew certificates in time", {
      hint: "Let them hold for a minute at least, and for days where nobody tests it",
    });
  }
  return {
    ...(tlsSecret !== undefined && { tlsSecret }),
    ...(isSelfManaged && {
      selfManaged: { names, lifetimeMs, configurations: settingOf(table.webhookConfigurations, sources) },
    }),
    watchPods: settingOf(table.watchPods, sources),
    ...(lease !== undefined && { lease }),
  };
}
