import { type SettingSources, settingOf } from "../config/setting.ts";
import { serveSettings as table } from "../config/webhook-setting-table.ts";
import type { AdmissionPolicy, FailureAction } from "../config/webhook-words.ts";
import type { ListenAddress } from "../http-server/listener.ts";
import { clusterSettingsOf, type ServeClusterSettings } from "./serve-cluster-settings.ts";

/** What is `serve`'s own. */
export interface ServeSettings {
  readonly listen: ListenAddress;
  readonly health: ListenAddress;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
  readonly tlsClientCaFile?: string;
  readonly cluster: ServeClusterSettings;
  readonly policy: AdmissionPolicy;
  readonly onFailure: FailureAction;
  readonly deadlineMs?: number;
  readonly cacheTtlMs: number;
  readonly atOnce: number;
  readonly queue: number;
  readonly statusPage: boolean;
  readonly shutdownDelayMs: number;
  readonly drainMs: number;
}

/** @throws {PromoterError} `Usage` or `InvalidConfiguration`. */
export function serveSettingsOf(sources: SettingSources): ServeSettings {
  const tlsCertFile = settingOf(table.tlsCertFile, sources);
  const tlsKeyFile = settingOf(table.tlsKeyFile, sources);
  const tlsClientCaFile = settingOf(table.tlsClientCaFile, sources);
  const deadlineMs = settingOf(table.deadline, sources);
  return {
    listen: settingOf(table.listen, sources),
    health: settingOf(table.health, sources),
    ...(tlsCertFile !== undefined && { tlsCertFile }),
    ...(tlsKeyFile !== undefined && { tlsKeyFile }),
    ...(tlsClientCaFile !== undefined && { tlsClientCaFile }),
    cluster: clusterSettingsOf(sources),
    policy: settingOf(table.policy, sources),
    onFailure: settingOf(table.onFailure, sources),
    ...(deadlineMs !== undefined && { deadlineMs }),
    cacheTtlMs: settingOf(table.cacheTtl, sources),
    atOnce: settingOf(table.atOnce, sources),
    queue: settingOf(table.queue, sources),
    statusPage: settingOf(table.statusPage, sources),
    shutdownDelayMs: settingOf(table.shutdownDelay, sources),
    drainMs: settingOf(table.drain, sources),
  };
}
