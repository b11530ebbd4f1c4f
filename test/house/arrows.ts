import type { Import } from "./imports.ts";

/** What the files of one part of `job/` may import besides each other. A name ending in `*` stands for all that begin so. */
interface Arrows {
  /** Parts, packages and `node:` modules. */
  readonly may?: readonly string[];
  /** Only their types. */
  readonly mayType?: readonly string[];
  /** Only by `import()`, so that what does not need them does not load them. */
  readonly mayLoad?: readonly string[];
}

const sdk = ["@aws-sdk/*", "@smithy/*"];

/** Parts by the path that their files begin with under `job/`; where several fit, the longest counts. */
const parts: Readonly<Record<string, Arrows>> = {
  "error.ts": {},
  "log.ts": {},
  "logger.ts": { may: ["pino", "redaction.ts", "report"], mayType: ["async", "log.ts", "runtime.ts"] },
  "redaction.ts": { may: ["error.ts"] },
  "runtime.ts": { may: ["async"] },
  "system-runtime.ts": { may: ["async", "error.ts", "runtime.ts", "node:*"] },
  "version.ts": { may: ["package.json"] },
  async: { may: ["error.ts", "node:timers/promises", "node:events"] },
  oci: { may: ["error.ts", "node:crypto"] },
  registry: { may: ["http-client", "oci", "async", "error.ts", "node:*"], mayType: ["log.ts"] },
  "ecr/policy": { may: ["error.ts"] },
  ecr: {
    may: ["oci", "async", "ecr/policy", "error.ts", "node:*"],
    mayType: [
      "log.ts",
      "registry/credentials.ts",
      "registry/pacing.ts",
      "gates/image-scan.ts",
      "events/message-queue.ts",
      ...sdk,
    ],
    mayLoad: sdk,
  },
  images: { may: ["oci", "error.ts", "yaml"] },
  promotion: { may: ["oci", "async", "error.ts"], mayType: ["log.ts"] },
  // The libraries that verify signatures and sign are loaded only where a gate needs them.
  gates: {
    may: [
      "attestation/dsse.ts",
      "oci",
      "async",
      "promotion",
      "error.ts",
      "node:crypto",
      "node:fs/promises",
      "node:path",
    ],
    mayLoad: ["@sigstore/*"],
    mayType: ["@sigstore/*"],
  },
  "index-assembly": { may: ["oci", "async", "promotion", "error.ts"] },
  // What asks by HTTP, whomever.
  "http-client": { may: ["async", "node:*"] },
  // What answers HTTP, whoever asks.
  "http-server": { may: ["error.ts", "node:*"] },
  // What a cluster is about to run.
  webhook: {
    may: [
      "oci",
      "async",
      "promotion",
      "config/webhook-words.ts",
      "http-server",
      "kubernetes",
      "report",
      "error.ts",
      "node:*",
    ],
    mayType: ["log.ts"],
    // Only who makes certificates needs them.
    mayLoad: ["@peculiar/x509", "reflect-metadata"],
  },
  // What has just been pushed, from wherever events come.
  events: {
    may: [
      "http-server",
      "oci",
      "async",
      "promotion",
      "replication",
      "ecr/registry-host.ts",
      "error.ts",
      "node:*",
    ],
    mayType: ["log.ts"],
  },
  attestation: { may: ["oci", "async", "promotion", "error.ts", "node:crypto"], mayType: ["runtime.ts"] },
  report: {
    may: ["oci", "error.ts", "yaml", "node:util"],
    mayType: ["promotion", "comparison", "async", "log.ts", "runtime.ts"],
  },
  kubernetes: {
    may: ["http-client", "oci", "report", "async", "error.ts", "node:*"],
    mayType: ["promotion", "log.ts", "runtime.ts"],
    mayLoad: ["yaml"],
  },
  // A configuration names images and speaks of its own lines as lists of images do.
  config: {
    may: [
      "images",
      "oci",
      "replication",
      "update",
      "ecr/registry-host.ts",
      "index-assembly/platform.ts",
      "error.ts",
      "zod",
      "yaml",
    ],
    mayType: ["promotion"],
  },
  // What differs between two environments.
  comparison: { may: ["oci", "async", "promotion", "error.ts"], mayType: ["images"] },
  // Which modules are in which environments.
  status: {
    may: [
      "oci",
      "async",
      "promotion",
      "replication",
      "attestation",
      "comparison",
      "report",
      "http-server",
      "render/template.ts",
      "version.ts",
      "error.ts",
      "handlebars",
      "node:crypto",
      "node:http",
      "node:util",
      "node:zlib",
    ],
    mayType: ["kubernetes", "log.ts"],
  },
  // Who is told of a promotion. The network's rules of addresses go for them too.
  notify: {
    may: [
      "async",
      "report",
      "registry/network.ts",
      "registry/network-error.ts",
      "registry/redact.ts",
      "registry/retry-after.ts",
      "config/notify-address.ts",
      "config/secret-reference.ts",
      "redaction.ts",
      "error.ts",
      "node:crypto",
    ],
    mayType: ["promotion", "config", "log.ts"],
  },
  // What is chosen by rule instead of by name: decides, and asks nobody but through its own interfaces.
  replication: { may: ["oci", "async", "promotion", "error.ts", "semver", "node:crypto"] },
  // Newer tags, and where they are written: registries and git come in by interfaces.
  update: {
    may: [
      "oci",
      "async",
      "images",
      "promotion",
      "replication",
      "webhook/label-selector.ts",
      "error.ts",
      "semver",
      "node:path",
    ],
  },
  // The text of files, value by value.
  "update/write": { may: ["images", "error.ts", "yaml"], mayType: ["update/application.ts"] },
  // The git program, and the servers that take pull requests.
  "update/git": {
    may: [
      "update/redacted-address.ts",
      "async",
      "registry/network.ts",
      "registry/network-error.ts",
      "registry/redact.ts",
      "redaction.ts",
      "error.ts",
      "handlebars",
      "node:*",
    ],
    mayType: ["update/application.ts", "log.ts"],
  },
  // What is generated reads templates of its own, and speaks of values in the configuration's words.
  render: {
    may: [
      "config",
      "index-assembly/platform.ts",
      "index-assembly/source-template.ts",
      "images",
      "oci",
      "error.ts",
      "version.ts",
      "ecr/policy",
      "handlebars",
      "yaml",
      "zod",
      "node:*",
    ],
    mayType: ["runtime.ts"],
  },
  commands: {
    may: [
      "config",
      "render",
      "ecr/policy",
      "ecr/registry-host.ts",
      "images",
      "promotion",
      "attestation",
      "index-assembly",
      "replication",
      "update",
      "events",
      "http-server",
      "webhook",
      "notify/announcement.ts",
      "comparison",
      "status",
      "report",
      "kubernetes",
      "oci",
      "async",
      "error.ts",
      "log.ts",
      "logger.ts",
      "version.ts",
      "commander",
    ],
    mayType: ["parts.ts", "registry", "ecr", "runtime.ts"],
  },
  "parts.ts": {
    may: [
      "parts",
      "error.ts",
      "version.ts",
      "log.ts",
      "oci",
      "registry",
      "ecr",
      "images",
      "promotion",
      "gates",
      "attestation",
      "replication",
      "report",
      "kubernetes",
      "config",
      "async",
    ],
    mayType: ["runtime.ts"],
    mayLoad: ["registry", "ecr", "kubernetes", "gates", "attestation"],
  },
  parts: {
    may: [
      "error.ts",
      "version.ts",
      "log.ts",
      "oci",
      "registry",
      "ecr",
      "images",
      "promotion",
      "gates",
      "attestation",
      "replication",
      "report",
      "kubernetes",
      "config",
      "async",
    ],
    mayType: ["runtime.ts", "events", "notify", "node:crypto"],
    mayLoad: ["registry", "ecr", "kubernetes", "gates", "attestation", "notify"],
  },
  "cli.ts": {
    may: ["commands", "error.ts", "report", "version.ts", "commander"],
    mayType: ["runtime.ts"],
    mayLoad: ["parts.ts"],
  },
  // What runs the bundle, of which it is no part itself.
  "start.ts": { may: ["http-client/early-connections.ts", "start", "node:*"] },
  start: { may: ["node:*"], mayType: ["http-client"] },
  "main.ts": { may: ["cli.ts", "commands/exit-code.ts", "error.ts", "system-runtime.ts"] },
};

/** The part that a file of `job/` belongs to, `undefined` when the table above knows none. */
export function partOf(path: string): string | undefined {
  const inside = path.replace(/^job\//, "");
  return Object.keys(parts)
    .filter((part) => inside === part || inside.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Whether the table of arrows lets this import be. */
export function isAllowed({ from, target, kind }: Import): boolean {
  const part = partOf(from);
  if (part === undefined) return false;
  const name = target.replace(/^job\//, "");
  if (partOf(target) === part && target.startsWith("job/")) return true;
  const { may = [], mayType = [], mayLoad = [] } = parts[part] ?? {};
  const fits = (names: readonly string[]) => names.some((allowed) => covers(allowed, name));
  return fits(may) || (kind === "type" && fits(mayType)) || (kind === "dynamic" && fits(mayLoad));
}

function covers(allowed: string, name: string): boolean {
  if (allowed.endsWith("*")) return name.startsWith(allowed.slice(0, -1));
  return name === allowed || (name.startsWith(`${allowed}/`) && !allowed.startsWith("node:"));
}
