import { hasCode } from "../error.ts";
import type { ImageScan, ScannedManifest, ScanSource } from "../gates/image-scan.ts";
import type { Waiting } from "../oci/content.ts";
import type { EcrApi, EcrClients } from "./api.ts";
import { parseEcrHost } from "./registry-host.ts";
import { checkComplete } from "./scan-answer.ts";

/**
 * The findings of ECR's scans, basic and enhanced, of private registries. Nothing is scanned for being asked about:
 * that is up to the registry's scanning configuration.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html}
 */
export function ecrScans(clients: EcrClients): ScanSource {
  return {
    async scanOf(manifest, waiting) {
      const host = parseEcrHost(manifest.host);
      if (host === undefined || host.public) return undefined;
      const api = await clients.forHost(host);
      return scanOf(api, manifest, waiting);
    },
  };
}

async function scanOf(
  api: EcrApi,
  { host, repository, digest }: ScannedManifest,
  waiting: Waiting = {},
): Promise<ImageScan> {
  const scan = await api.describeScan(repository, digest, waiting);
  const start = `aws ecr start-image-scan --region ${api.host.region} --registry-id ${api.host.accountId} --repository-name ${repository} --image-id imageDigest=${digest}`;
  if (scan === undefined) return { state: "absent", hint: await absentHint(api, start, waiting) };
  const said = scan.description === "" ? "" : ` (${scan.description.slice(0, 300)})`;
  const impossible = (reason: string, hint: string): ImageScan => {
    return { state: "impossible", reason: `${reason}${said}`, hint };
  };
  switch (scan.status) {
    case "COMPLETE":
    case "ACTIVE":
      checkComplete(scan, `${host}/${repository}@${digest}`);
      return { state: "done", findings: scan.findings };
    case "PENDING":
    case "IN_PROGRESS":
      return { state: "running" };
    case "UNSUPPORTED_IMAGE":
      return impossible(
        "its kind of image cannot be scanned",
        "Turn on enhanced scanning, which knows more kinds, or promote it without the scan gate",
      );
    case "SCAN_ELIGIBILITY_EXPIRED":
      return impossible(
        "it is too old to be scanned, and what was found is out of date",
        "Build and push the image again, or lengthen Inspector's re-scan duration",
      );
    case "IMAGE_ARCHIVED":
      return impossible("it is archived", "Restore the image, and let it be scanned");
    case "LIMIT_EXCEEDED":
      return impossible(
        "ECR has scanned it too often",
        "Wait: basic scanning takes each image once in 24 hours",
      );
    default:
      return impossible(`its status is ${scan.status.slice(0, 100) || "unknown"}`, `Scan it again: ${start}`);
  }
}

/** Enhanced findings are told to their own account alone: others hear that there was no scan. */
async function absentHint(api: EcrApi, start: string, waiting: Waiting): Promise<string> {
  const scanning = `Let the registry scan on push, or scan it now: ${start}`;
  const { accountId, host } = api.host;
  const caller = await callerOf(api, waiting);
  if (caller === undefined || caller === accountId) return scanning;
  return `Findings of enhanced scanning are told only to account ${accountId}: name a role of it for ${host} (registries[].roleArn). If nothing has scanned the image: ${start}`;
}

async function callerOf(api: EcrApi, waiting: Waiting): Promise<string | undefined> {
  try {
    return await api.callerAccount(waiting);
  } catch (thrown) {
    waiting.signal?.throwIfAborted();
    if (hasCode(thrown, "Denied")) return undefined;
    throw thrown;
  }
}
