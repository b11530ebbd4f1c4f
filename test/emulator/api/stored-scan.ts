import { z } from "zod";
import type { StoredManifest } from "../repository.ts";

/** What is kept of a scan: the answer of DescribeImageScanFindings without the image's own fields. */
export const storedScan = z.looseObject({
  imageScanStatus: z.looseObject({ status: z.string(), description: z.string().optional() }).optional(),
  imageScanFindings: z
    .looseObject({
      findings: z.array(z.looseObject({})).optional(),
      enhancedFindings: z.array(z.looseObject({})).optional(),
    })
    .optional(),
});

/** The members of DescribeImages that tell of a scan; none without one. */
export function summarizeScan(image: StoredManifest): object {
  if (image.scanFindings === undefined) return {};
  const { imageScanStatus, imageScanFindings } = storedScan.parse(image.scanFindings);
  const { findings: _, enhancedFindings: __, ...imageScanFindingsSummary } = imageScanFindings ?? {};
  return { imageScanStatus, ...(imageScanFindings && { imageScanFindingsSummary }) };
}
