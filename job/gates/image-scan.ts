import type { Waiting } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";

/** From the worst down. What nobody has rated (`UNDEFINED`, `UNTRIAGED`) comes last: it is not known to be severe. */
export const severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"] as const;

export type Severity = (typeof severities)[number];

/** A vulnerability that a scan found in one manifest. */
export interface ScanFinding {
  /** `CVE-2026-1234`. */
  readonly id: string;
  readonly severity: Severity;
  /** The packages that it is in, with their versions. */
  readonly packages: readonly string[];
  /** The versions in which it is mended. */
  readonly fixedIn: readonly string[];
  /** Whoever runs the scanner has said that it does not count. */
  readonly suppressed: boolean;
}

/** What is known of one manifest's scan. */
export type ImageScan =
  | { readonly state: "done"; readonly findings: readonly ScanFinding[] }
  /** It will be done. */
  | { readonly state: "running" }
  /** Nobody has begun one, or it cannot be seen from here. */
  | { readonly state: "absent"; readonly hint: string }
  /** It will not be done. */
  | { readonly state: "impossible"; readonly reason: string; readonly hint: string };

/** A manifest that may have been scanned. */
export interface ScannedManifest {
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
}

/** Where the findings of scans come from. */
export interface ScanSource {
  /**
   * @returns undefined when this registry is not known to scan images.
   * @throws {PromoterError} when it could not be asked.
   */
  scanOf(manifest: ScannedManifest, options?: Waiting): Promise<ImageScan | undefined>;
}
