import {
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  StartImageScanCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import type { RepositorySettings } from "../emulator/repository.ts";
import { clientOf, dev, pushImage, region } from "./ecr-api-client.ts";

const repositoryName = "team/app";

async function setUp(settings: RepositorySettings = {}) {
  const emulator = await startEcrEmulator();
  const repository = emulator.repository(dev, region, repositoryName, settings);
  return { emulator, repository, ecr: clientOf(emulator, emulator.account(dev).admin()) };
}

describe("scans", () => {
  it("are under way at first and then done", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    await pushImage(ecr, repositoryName, "v1");
    const scan = { repositoryName, imageId: { imageTag: "v1" } };
    await expect(ecr.send(new DescribeImageScanFindingsCommand(scan))).rejects.toMatchObject({
      name: "ScanNotFoundException",
    });
    expect((await ecr.send(new StartImageScanCommand(scan))).imageScanStatus?.status).toBe("IN_PROGRESS");
    const statuses = [];
    for (let turn = 0; turn < 2; turn += 1) {
      statuses.push((await ecr.send(new DescribeImageScanFindingsCommand(scan))).imageScanStatus?.status);
    }
    expect(statuses).toEqual(["IN_PROGRESS", "COMPLETE"]);
  });

  it.each(["findings", "enhancedFindings"] as const)("tell %s page by page", async (kind) => {
    const { emulator, ecr, repository } = await setUp();
    await using _ = emulator;
    await pushImage(ecr, repositoryName, "v1");
    const [image] = repository.manifests.values();
    if (image === undefined) throw new Error("No image");
    image.scanFindings = {
      imageScanStatus: { status: kind === "findings" ? "COMPLETE" : "ACTIVE" },
      imageScanFindings: {
        findingSeverityCounts: { CRITICAL: 1, HIGH: 2 },
        imageScanCompletedAt: 1_760_000_000,
        [kind]: ["CRITICAL", "HIGH", "HIGH"].map((severity, number) => ({
          name: `CVE-${number}`,
          severity,
          title: "t",
        })),
      },
    };
    const scan = { repositoryName, imageId: { imageTag: "v1" } };
    const first = await ecr.send(new DescribeImageScanFindingsCommand({ ...scan, maxResults: 2 }));
    const second = await ecr.send(
      new DescribeImageScanFindingsCommand({ ...scan, nextToken: first.nextToken }),
    );
    expect(first.imageScanFindings?.[kind]).toHaveLength(2);
    expect(second.imageScanFindings?.[kind]).toMatchObject([{ severity: "HIGH" }]);
    expect(second.imageScanFindings?.findingSeverityCounts).toEqual({ CRITICAL: 1, HIGH: 2 });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
    expect(imageDetails?.[0]?.imageScanFindingsSummary).toEqual({
      findingSeverityCounts: { CRITICAL: 1, HIGH: 2 },
      imageScanCompletedAt: new Date(1_760_000_000_000),
    });
  });
});
