import { EcrException } from "../ecr-exception.ts";
import type { Repository, StoredManifest } from "../repository.ts";
import { openRepository } from "./access.ts";
import { describeImageId, findImage, type ImageId } from "./image-ids.ts";
import { imageId, paging, repositoryInput } from "./input.ts";
import { epochSeconds, operation } from "./operation.ts";
import { pageOf } from "./page.ts";
import { storedScan } from "./stored-scan.ts";

/** Scans that were started through the API: they end, with nothing found, once somebody has seen them under way. */
const startedScans = new WeakSet<object>();

export const describeImageScanFindings = operation(
  repositoryInput.extend({ imageId, ...paging }),
  (input, request) => {
    const repository = openRepository(request, input);
    const image = findImage(repository, input.imageId);
    const { scanFindings } = image;
    if (scanFindings === undefined) throw scanNotFound(repository, input.imageId);
    const scan = storedScan.parse(scanFindings);
    if (startedScans.has(scanFindings)) image.scanFindings = nothingFound(request.now);
    const { findings, enhancedFindings, ...summary } = scan.imageScanFindings ?? {};
    const basic = pageOf(findings ?? [], input);
    const enhanced = pageOf(enhancedFindings ?? [], input);
    return {
      ...identify(repository, image, input.imageId),
      ...scan,
      ...(scan.imageScanFindings && {
        imageScanFindings: {
          ...summary,
          ...(findings && { findings: basic.members }),
          ...(enhancedFindings && { enhancedFindings: enhanced.members }),
        },
      }),
      ...basic.next,
      ...enhanced.next,
    };
  },
);

export const startImageScan = operation(repositoryInput.extend({ imageId }), (input, request) => {
  const repository = openRepository(request, input);
  const image = findImage(repository, input.imageId);
  const imageScanStatus = { status: "IN_PROGRESS", description: "The scan is in progress." };
  image.scanFindings = { imageScanStatus };
  startedScans.add(image.scanFindings);
  return { ...identify(repository, image, input.imageId), imageScanStatus };
});

function nothingFound(now: number): object {
  return {
    imageScanStatus: { status: "COMPLETE", description: "The scan was completed successfully." },
    imageScanFindings: {
      findings: [],
      findingSeverityCounts: {},
      imageScanCompletedAt: epochSeconds(now),
      vulnerabilitySourceUpdatedAt: epochSeconds(now),
    },
  };
}

function identify(repository: Repository, image: StoredManifest, { imageTag }: ImageId): object {
  return {
    registryId: repository.accountId,
    repositoryName: repository.name,
    imageId: { imageDigest: image.digest, imageTag },
  };
}

function scanNotFound(repository: Repository, image: ImageId): EcrException {
  return new EcrException(
    "ScanNotFoundException",
    `Image scan does not exist for the image with '${describeImageId(image)}' in the repository with name '${repository.name}' in the registry with id '${repository.accountId}'`,
  );
}
