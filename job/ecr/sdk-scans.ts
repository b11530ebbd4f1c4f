import type { EcrApi } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { readFindings, type ScanDescription } from "./scan-answer.ts";
import type { SendCall } from "./sdk-call.ts";

/** The most that ECR lists at once. */
const pageSize = 1000;

const ended: ReadonlySet<string> = new Set(["ACTIVE", "COMPLETE"]);

/** The calls about scans of images. */
export function scanCalls(send: SendCall, host: EcrRegistryHost): Pick<EcrApi, "describeScan"> {
  const registryId = host.accountId;
  return {
    async describeScan(repository, imageDigest, waiting) {
      let scan: ScanDescription | undefined;
      let nextToken: string | undefined;
      do {
        const input = {
          registryId,
          repositoryName: repository,
          imageId: { imageDigest },
          maxResults: pageSize,
          nextToken,
        };
        const page = await send(
          {
            operation: "DescribeImageScanFindings",
            repository,
            absent: ["ScanNotFoundException"],
            send: (sdk, client, request) =>
              client.send(new sdk.DescribeImageScanFindingsCommand(input), request),
          },
          waiting,
        );
        if (page === undefined) return undefined;
        const { status = "", description = "" } = page.imageScanStatus ?? {};
        const found = page.imageScanFindings ?? {};
        // A scan that has ended and says nothing of what it found has not shown that there is nothing.
        const isSilent = page.imageScanFindings === undefined && ended.has(status);
        scan = {
          status: isSilent ? "FINDINGS_UNAVAILABLE" : status,
          description,
          findings: [...(scan?.findings ?? []), ...readFindings(found)],
          counts: { ...scan?.counts, ...found.findingSeverityCounts },
        };
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return scan;
    },
  };
}
