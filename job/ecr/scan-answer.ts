import type {
  Attribute,
  EnhancedImageScanFinding,
  ImageScanFinding,
  ImageScanFindings,
} from "@aws-sdk/client-ecr";
import { PromoterError } from "../error.ts";
import type { ScanFinding, Severity } from "../gates/image-scan.ts";

/** What `DescribeImageScanFindings` answers, all its pages together. */
export interface ScanDescription {
  /** `COMPLETE` by basic scanning, `ACTIVE` by enhanced, and what keeps a scan from either. */
  readonly status: string;
  /** What ECR says to that. */
  readonly description: string;
  readonly findings: readonly ScanFinding[];
  /** How many findings there are of each severity, as ECR itself counts them. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Reads the findings of one page: those of basic scanning, and those that Inspector made.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFindings.html}
 */
export function readFindings({ findings, enhancedFindings }: ImageScanFindings): readonly ScanFinding[] {
  return [...(findings ?? []).map(readBasic), ...(enhancedFindings ?? []).flatMap(readEnhanced)];
}

/**
 * Checks that nothing is missing in what was listed.
 *
 * @throws {PromoterError} `ScanUnavailable` when ECR counts findings of a severity and lists none.
 */
export function checkComplete({ findings, counts }: ScanDescription, image: string): void {
  const listed = new Set<string>(findings.map(({ severity }) => severity));
  const lost = Object.keys(counts).filter(
    (severity) => (counts[severity] ?? 0) > 0 && !listed.has(readSeverity(severity)),
  );
  if (lost.length === 0) return;
  throw new PromoterError(
    "ScanUnavailable",
    `ECR counts findings of severity ${lost.join(", ")} in ${image} and lists none of them`,
    {
      temporary: true,
      hint: "Run it again; if it stays so, allow inspector2:ListFindings to the identity that asks",
    },
  );
}

function readBasic({ name, severity, attributes = [] }: ImageScanFinding): ScanFinding {
  const known = attribute(attributes, "package_name");
  const version = attribute(attributes, "package_version");
  return {
    id: name ?? "unnamed",
    severity: readSeverity(severity),
    packages: known === undefined ? [] : [[known, version].filter(Boolean).join(" ")],
    fixedIn: [],
    suppressed: false,
  };
}

/** A closed finding is one of the past. */
function readEnhanced(finding: EnhancedImageScanFinding): ScanFinding[] {
  if (finding.status === "CLOSED") return [];
  const { vulnerabilityId, vulnerablePackages = [] } = finding.packageVulnerabilityDetails ?? {};
  const fixedIn = vulnerablePackages.flatMap((known) => {
    const { fixedInVersion } = known;
    return fixedInVersion === undefined || fixedInVersion === "NotAvailable" ? [] : [fixedInVersion];
  });
  return [
    {
      id: vulnerabilityId ?? finding.title ?? "unnamed",
      severity: readSeverity(finding.severity),
      packages: unique(
        vulnerablePackages.map(({ name, version }) => [name, version].filter(Boolean).join(" ")),
      ),
      fixedIn: unique(fixedIn),
      suppressed: finding.status === "SUPPRESSED",
    },
  ];
}

/** A word that is not known yet may mean anything: it is taken for the worst. */
function readSeverity(severity: string | undefined): Severity {
  switch (severity) {
    case "CRITICAL":
    case "HIGH":
    case "MEDIUM":
    case "LOW":
    case "INFORMATIONAL":
      return severity;
    case "UNDEFINED":
    case "UNTRIAGED":
    case undefined:
      return "UNDEFINED";
    default:
      return "CRITICAL";
  }
}

function attribute(attributes: readonly Attribute[], wanted: string): string | undefined {
  return attributes.find(({ key }) => key === wanted)?.value;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== ""))];
}
