import type { EarlyDestination } from "../http-client/early-connections.ts";

/** The most connections that are begun to one registry. */
const mostConnections = 8;

/** What else leads connections elsewhere than to the host that stands there: such a start waits until all is known. */
const leadingElsewhere = [
  "config",
  "registry-endpoint",
  "insecure-registry",
  "http-proxy",
  "https-proxy",
] as const;

/** Docker Hub's references name a host that is not its registry. */
const elsewhere: ReadonlySet<string> = new Set(["docker.io", "index.docker.io"]);

/**
 * The registries that a promotion is going to ask, as far as that can be seen without reading the command line and the
 * environment properly: connections to them may be begun at once. Nothing where anything is out of the ordinary.
 */
export function earlyDestinations(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly EarlyDestination[] {
  if (args[0] !== "promote" && args[0] !== "plan") return [];
  if (leadingElsewhere.some((name) => isSaid(name, args, env))) return [];
  const registries = [saidOf("from", args, env)?.split(",")[0], saidOf("to", args, env)];
  const hosts = new Set(registries.map((registry) => registry?.trim().split("/")[0] ?? ""));
  const connections = Math.min(mostConnections, imagesIn(args, env));
  return [...hosts].flatMap((host) => destination(host, connections));
}

/** About how many images are named: what is in files is not known yet. */
function imagesIn(args: readonly string[], env: Readonly<Record<string, string | undefined>>): number {
  const named = args.slice(1).filter((arg) => /^[^-].*\/[^/]*[:@]/.test(arg)).length;
  return Math.max(1, named, env.PROMOTER_IMAGES?.match(/[^\s,]+/g)?.length ?? 0);
}

function isSaid(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const flag = `--${name}`;
  if (args.some((arg) => arg === flag || arg.startsWith(`${flag}=`))) return true;
  const variable = name.replaceAll("-", "_");
  return [`PROMOTER_${variable.toUpperCase()}`, variable.toUpperCase(), variable].some((key) =>
    Boolean(env[key]),
  );
}

/** The flag goes before the variable, as in the settings. */
function saidOf(
  name: "from" | "to",
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const at = args.lastIndexOf(`--${name}`);
  const joined = args.findLast((arg) => arg.startsWith(`--${name}=`));
  if (at >= 0 && joined !== undefined) return undefined;
  return at >= 0
    ? args[at + 1]
    : (joined?.slice(`--${name}=`.length) ?? env[`PROMOTER_${name.toUpperCase()}`]);
}

function destination(text: string, connections: number): readonly EarlyDestination[] {
  const [, host = "", port = "443"] = /^([a-z0-9][a-z0-9.-]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === "" || elsewhere.has(host) || Number(port) > 65_535) return [];
  return [{ host, port: Number(port), connections }];
}
