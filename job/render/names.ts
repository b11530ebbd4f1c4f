import { createHash } from "node:crypto";
import { chartName, type Release } from "./release.ts";

/** What labels, and with them names of Jobs, may hold. */
const longestName = 63;
/** A CronJob's Jobs get eleven characters more. {@link https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/} */
const longestCronJobName = 52;
const hashLength = 8;

/** Name of the application: `app.kubernetes.io/name`. */
export function applicationName({ values }: Release): string {
  return values.nameOverride || chartName;
}

/** Name of the objects: release and application, once where one holds the other. At most 63 characters. */
export function fullname(release: Release): string {
  const application = applicationName(release);
  const { name, values } = release;
  const full = values.fullnameOverride || (name.includes(application) ? name : `${name}-${application}`);
  return bounded(full, longestName);
}

/** Name of the account that pods run as. */
export function serviceAccountName(release: Release): string {
  const { name, create } = release.values.serviceAccount;
  return name || (create ? fullname(release) : "default");
}

/** Name of the suspended CronJob, at most 52 characters. */
export function cronJobName(release: Release): string {
  return bounded(fullname(release), longestCronJobName);
}

/**
 * Name of the Job, with a hash of what it does: a Job of an older sync that is still there cannot be taken for it.
 *
 * @param content whatever, when changed, makes it another Job.
 */
export function jobName(release: Release, content: readonly string[]): string {
  const name = fullname(release);
  return `${cut(name, longestName - hashLength - 1)}-${hashOf([name, ...content].join("\n"))}`;
}

/**
 * Name of an Indexed Job, with a hash of what it does. Its pods are called after it with their index of up to five digits,
 * and so are their hosts, whose names are labels without dots.
 */
export function indexedJobName(release: Release, content: readonly string[]): string {
  const name = fullname(release);
  const longest = longestName - "-99999".length;
  const beginning = cut(name.replaceAll(".", "-"), longest - hashLength - 1);
  return `${beginning}-${hashOf([name, ...content].join("\n"))}`;
}

/** Name of an object that ends with what tells it from the release's others, at most 63 characters. */
export function boundedName(release: Release, ending: string): string {
  return `${cut(fullname(release), longestName - ending.length)}${ending}`;
}

/** Name of a service's objects, which may be a host's: without dots. */
export function serviceName(release: Release, ending: string, longest = longestName): string {
  return `${cut(fullname(release).replaceAll(".", "-"), longest - ending.length)}${ending}`;
}

/** The same for a CronJob. */
export function serviceCronJobName(release: Release, ending: string): string {
  return serviceName(release, ending, longestCronJobName);
}

/** A name of at most so many characters: a longer one is cut, and keeps apart from its like by a hash of the whole. */
function bounded(name: string, longest: number): string {
  return name.length <= longest ? name : `${cut(name, longest - hashLength - 1)}-${hashOf(name)}`;
}

function cut(name: string, longest: number): string {
  return name.slice(0, longest).replace(/(?<![-.])[-.]+$/, "");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, hashLength);
}
