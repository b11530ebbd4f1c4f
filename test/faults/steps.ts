import type { FaultMatch } from "../emulator/faults.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import { devAccount, prodAccount } from "../scenarios/two-accounts.ts";
import type { Fault, Struck } from "./fault-case.ts";
import { app, child, layer, sbom } from "./release.ts";

/** A request of a promotion at which faults strike. */
export interface Step {
  readonly name: string;
  readonly at: FaultMatch;
  /** Who fails when it never works. */
  readonly struck: Struck;
  /** What the answer carries, if anything, and what the request does. */
  readonly answer: "json" | "head" | "blob-head" | "manifest" | "redirect" | "blob" | "nothing";
  readonly writes?: "upload" | "content" | "manifest";
  /** What brings a promotion to take this step at all. */
  readonly before?: readonly Fault[];
}

const source = { account: devAccount, repository: "team/app" } as const;
const destination = { account: prodAccount, repository: "team/app" } as const;

/** A path that ends with this, and may have a query. */
function at(end: string): RegExp {
  return new RegExp(`/${end}(?:[?].*)?$`);
}

const wholeLayer: FaultMatch = {
  ...destination,
  kind: "upload-finish",
  path: new RegExp(encodeURIComponent(layer.digest)),
};
/** A proxy that gives up on the layer as a whole has it sent in chunks. */
const inChunks: Fault = { at: { ...wholeLayer, times: 1 }, effect: { do: "status", status: 408 } };

function head(name: string, match: FaultMatch): Step {
  return { name, at: match, struck: "app", answer: "head" };
}

function write(name: string, writes: "upload" | "content" | "manifest", match: FaultMatch): Step {
  return { name, at: match, struck: "app", answer: "nothing", writes };
}

function put(name: string, target: string): Step {
  return write(name, "manifest", { ...destination, kind: "manifest-put", path: at(target) });
}

export const steps = {
  token: {
    name: "ECR token",
    at: { kind: "ecr-api", action: "GetAuthorizationToken" },
    struck: "both",
    answer: "json",
  },
  resolve: head("HEAD tag at the source", { ...source, kind: "manifest-head", path: at("manifests/1") }),
  standing: head("HEAD tag at the destination", {
    ...destination,
    kind: "manifest-head",
    path: at("manifests/1"),
  }),
  manifest: {
    name: "GET manifest",
    at: { ...source, kind: "manifest-get", path: at(rootDigest(app)) },
    struck: "app",
    answer: "manifest",
  },
  referrers: {
    name: "GET referrers",
    at: { ...source, kind: "referrers", path: at(rootDigest(app)) },
    struck: "app",
    answer: "json",
  },
  present: head("HEAD manifest at the destination", {
    ...destination,
    kind: "manifest-head",
    path: at(child),
  }),
  redirect: {
    name: "GET blob, redirect to storage",
    at: { ...source, kind: "blob-get", path: at(layer.digest) },
    struck: "app",
    answer: "redirect",
  },
  storage: {
    name: "GET blob from storage",
    at: { kind: "storage", path: at(layer.digest) },
    struck: "app",
    answer: "blob",
  },
  hasBlob: {
    ...head("HEAD blob", { ...destination, kind: "blob-head", path: at(layer.digest) }),
    answer: "blob-head",
  },
  begin: write("POST upload", "upload", { ...destination, kind: "upload-start" }),
  whole: write("PUT blob", "content", wholeLayer),
  chunk: {
    ...write("PATCH chunk", "content", { ...destination, kind: "upload-part" }),
    before: [inChunks],
  },
  commit: { ...write("PUT commit", "content", { ...wholeLayer, nth: 2 }), before: [inChunks] },
  child: put("PUT manifest of a platform", child),
  root: put("PUT manifest of the index", rootDigest(app)),
  attachment: put("PUT manifest of the SBOM", rootDigest(sbom)),
  tag: put("PUT tag", "manifests/1"),
  verify: head("HEAD tag to verify", {
    ...destination,
    kind: "manifest-head",
    path: at("manifests/1"),
    nth: 2,
  }),
} as const satisfies Readonly<Record<string, Step>>;

export type StepName = keyof typeof steps;
