import { PromoterError } from "../../job/error.ts";
import { silentLog } from "../../job/log.ts";
import type { Digest } from "../../job/oci/digest.ts";
import { formatReference } from "../../job/oci/reference.ts";
import { imageReport, reportedError } from "../../job/promotion/image-report.ts";
import { type AdmissionOptions, admission } from "../../job/webhook/admission.ts";
import { readReview } from "../../job/webhook/admission-review.ts";
import { judgeOnDemand } from "../../job/webhook/mutate.ts";
import type { Ensured, OnDemand } from "../../job/webhook/on-demand.ts";
import type { AdmissionRules } from "../../job/webhook/rules.ts";
import { judgeAtLast } from "../../job/webhook/validate.ts";
import { type ReviewOptions, review } from "./review.ts";

export const digest: Digest = `sha256:${"a".repeat(64)}`;
export const dev = "dev.example.com";
export const prod = "prod.example.com";
const routes = [{ to: { host: prod, prefix: "" }, from: [{ host: dev, prefix: "" }] }];

/** What becomes of an image that is asked for; `never`: no answer before the time is over. */
export type Fate = "present" | "promotable" | "unknown" | "unreachable" | "never";

/** An admission over images whose fates are given by their names; the rest can be promoted. */
export function admissionWorld(
  fates: Readonly<Record<string, Fate>> = {},
  rules: Partial<AdmissionRules> = {},
  options: Partial<AdmissionOptions> = {},
) {
  const calls = { ensured: [] as string[], looked: [] as string[], background: [] as string[] };
  const ask = (kind: "ensured" | "looked"): OnDemand["ensure"] => {
    return async (image, { signal } = {}) => {
      const name = formatReference(image);
      calls[kind].push(name);
      return answer(name, kind === "ensured", signal);
    };
  };
  const answer = async (name: string, promotes: boolean, signal?: AbortSignal): Promise<Ensured> => {
    const fate = fates[name] ?? "promotable";
    if (fate === "present") return { status: "present", digest };
    if (fate === "never") return until(signal);
    if (fate === "unreachable") return failed("Network", "Nobody answers", true);
    if (fate === "unknown" || !promotes) return failed("ManifestUnknown", "Nobody has it", false);
    const wish = { destination: { host: prod, repository: "x" }, sources: [] };
    return { status: "promoted", digest, report: imageReport(wish, { status: "copied", digest }) };
  };
  const onDemand: OnDemand = {
    ensure: ask("ensured"),
    look: ask("looked"),
    known: (image) => (fates[formatReference(image)] === "present" ? digest : undefined),
    isKnown: (image) => fates[formatReference(image)] === "present",
    state: { underWay: 0, promoting: 0, known: 0 },
  };
  const background = {
    size: 0,
    isFull: false,
    add(image: Parameters<OnDemand["ensure"]>[0]) {
      calls.background.push(formatReference(image));
      return !background.isFull;
    },
    settled: () => Promise.resolve(),
  };
  const given: AdmissionOptions = {
    routes,
    strict: false,
    rules: { policy: "wait", pin: false, onFailure: "allow", annotations: "all", rules: [], ...rules },
    isExcluded: (namespace) => namespace === "kube-system",
    log: silentLog,
    ...options,
  };
  const decide = (kind: "admit" | "validate", asked: ReviewOptions, ms = 20) => {
    const judge = kind === "admit" ? judgeOnDemand({ onDemand, background }) : judgeAtLast(onDemand);
    return admission(given, judge)(readReview(JSON.stringify(review(asked))), AbortSignal.timeout(ms));
  };
  return {
    calls,
    background,
    admit: (asked: ReviewOptions) => decide("admit", asked),
    validate: (asked: ReviewOptions) => decide("validate", asked),
  };
}

function failed(code: "Network" | "ManifestUnknown", message: string, temporary: boolean): Ensured {
  return {
    status: "failed",
    error: reportedError(new PromoterError(code, message, { temporary, hint: "Wait" })),
  };
}

function until(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}
