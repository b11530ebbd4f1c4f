import type { Release } from "../release.ts";

/** Where the certificate of a Secret is mounted. */
const tlsFolder = "/etc/image-promoter-tls";
/** Seconds that are left of the time to end in after promotions have had theirs. */
const spareSeconds = 10;

/** What the container of `serve` is called with. */
export function serveArguments({ values: { serve } }: Release): readonly string[] {
  const { ports, tls, terminationGracePeriodSeconds, extraArgs } = serve;
  return [
    "serve",
    `--listen=${ports.webhook}`,
    `--health=${ports.http}`,
    `--drain=${Math.max(1, terminationGracePeriodSeconds - spareSeconds)}s`,
    ...(tls.mode === "self-managed"
      ? []
      : [`--tls-cert-file=${tlsFolder}/tls.crt`, `--tls-key-file=${tlsFolder}/tls.key`]),
    ...extraArgs,
  ];
}
