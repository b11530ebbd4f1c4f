import { type SettingSources, settingOf } from "../config/setting.ts";
import { updateSettings as settings } from "../config/update-setting-table.ts";
import { PromoterError } from "../error.ts";
import type { ListenAddress } from "../http-server/listener.ts";

/** What `update` runs with, beside what every command has. */
export interface UpdateSettings {
  /** Files with Argo CD Applications; `-` is standard input. */
  readonly files: readonly string[];
  readonly cluster: boolean;
  readonly argocdNamespace: string;
  /** Patterns of the applications that are wanted; all when empty. */
  readonly names: readonly string[];
  /** Milliseconds between two rounds; absent for one round. */
  readonly everyMs?: number;
  readonly atOnce: number;
  readonly health?: ListenAddress;
  readonly drainMs: number;
  /** Requests to one registry in a second. */
  readonly requestsPerSecond: number;
}

/** As Argo CD Image Updater asks. */
const usualRequestsPerSecond = 20;

/** @throws {PromoterError} `Usage` or `InvalidConfiguration`. */
export function updateSettingsOf(sources: SettingSources): UpdateSettings {
  const everyMs = settingOf(settings.every, sources);
  const health = settingOf(settings.health, sources);
  const files = settingOf(settings.applications, sources);
  if (everyMs !== undefined && files.includes("-")) {
    throw new PromoterError("Usage", "Standard input can be read once only, and --every looks again", {
      hint: "Give the Applications in a file, or --cluster-applications",
    });
  }
  if (health !== undefined && everyMs === undefined) {
    throw new PromoterError("Usage", "A single run has nothing to answer probes for", {
      hint: "Give --every, or leave --health out",
    });
  }
  return {
    files,
    cluster: settingOf(settings.clusterApplications, sources),
    argocdNamespace: settingOf(settings.argocdNamespace, sources),
    names: settingOf(settings.application, sources),
    ...(everyMs !== undefined && { everyMs }),
    atOnce: settingOf(settings.atOnce, sources),
    ...(health !== undefined && { health }),
    drainMs: settingOf(settings.drain, sources),
    requestsPerSecond: sources.configuration?.update?.requestsPerSecond ?? usualRequestsPerSecond,
  };
}
