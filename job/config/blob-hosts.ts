import { entryFor } from "./host-pattern.ts";
import type { Settings } from "./settings.ts";

/**
 * Where a registry may lead for blobs, beside itself: to `usual` hosts and those that the configuration allows it.
 * Undefined, which is anywhere, for a registry of which neither says anything.
 */
export function blobHostRule(
  host: string,
  { registries, blobHosts }: Pick<Settings, "registries" | "blobHosts">,
  usual: readonly string[] | undefined,
): ((target: string) => boolean) | undefined {
  const written = entryFor(host, registries)?.blobHosts;
  if (usual === undefined && written === undefined) return undefined;
  const patterns = [...(usual ?? []), ...(written ?? []), ...blobHosts].map((pattern) => ({ host: pattern }));
  return (target) => entryFor(target, patterns) !== undefined;
}
