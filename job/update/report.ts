import type { ReportedError } from "../promotion/report.ts";
import type { FileEdit, ImageVersion } from "./application.ts";

/** `updated`: written, or with a plan, to be written. */
export type UpdateStatus = "updated" | "up-to-date" | "failed";

/** What became of one image of an application. */
export interface ImageUpdate {
  readonly alias: string;
  /** `host/repository`; absent where nobody can say. */
  readonly image?: string;
  readonly status: UpdateStatus;
  /** What stood at the target; absent where nothing did. */
  readonly from?: ImageVersion;
  /** What stands there now, or shall. */
  readonly to?: ImageVersion;
  /** Why the newest is not written, or what else is worth knowing. */
  readonly note?: string;
  readonly edits: readonly FileEdit[];
  readonly error?: ReportedError;
}

/** What became of one application. */
export interface ApplicationUpdate {
  readonly name: string;
  /** Where it was found: `Application argocd/shop`. */
  readonly origin: string;
  /** Address without credentials; absent where nobody can say. */
  readonly repository?: string;
  /** The branch that was, or would be, written to. */
  readonly branch?: string;
  readonly commit?: string;
  readonly pullRequest?: string;
  readonly images: readonly ImageUpdate[];
  readonly warnings: readonly string[];
  /** Why none of it could be updated. */
  readonly error?: ReportedError;
}

export interface UpdateSummary {
  readonly applications: number;
  readonly images: number;
  readonly updated: number;
  readonly upToDate: number;
  readonly failed: number;
  readonly commits: number;
}

export interface UpdateReport {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "UpdateReport" | "UpdatePlan";
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly summary: UpdateSummary;
  readonly applications: readonly ApplicationUpdate[];
}

export interface UpdateReportContent {
  readonly kind: UpdateReport["kind"];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly now: number;
  readonly applications: readonly ApplicationUpdate[];
}

export function updateReport({ kind, startedAt, now, applications }: UpdateReportContent): UpdateReport {
  const images = applications.flatMap((application) => application.images);
  const count = (status: UpdateStatus) => images.filter((image) => image.status === status).length;
  const failedWhole = applications.filter(({ error }) => error !== undefined).length;
  return {
    apiVersion: "image-promoter/v1",
    kind,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.round(now - startedAt),
    summary: {
      applications: applications.length,
      images: images.length,
      updated: count("updated"),
      upToDate: count("up-to-date"),
      failed: count("failed") + failedWhole,
      commits: new Set(applications.flatMap(({ commit }) => commit ?? [])).size,
    },
    applications,
  };
}

/** What a run could not do. */
export function errorsOfUpdate({
  applications,
}: Pick<UpdateReport, "applications">): readonly ReportedError[] {
  return applications.flatMap(({ error, images }) => [
    ...(error === undefined ? [] : [error]),
    ...images.flatMap((image) => image.error ?? []),
  ]);
}
