import type { EmulatorOptions } from "./emulator-options.ts";
import type { Principal } from "./identity.ts";
import type { Store } from "./store.ts";

/** A call of the ECR JSON API or of STS, read and authenticated. */
export interface ApiCall {
  /** The operation alone: `DescribeRepositories`, `AssumeRole`. */
  readonly target: string;
  /** The parsed JSON body (ECR), or the form fields as an object of strings (STS). */
  readonly body: unknown;
  /** Out of the signature's scope. */
  readonly region: string;
  /** Undefined only for calls that need no signature (AssumeRoleWithWebIdentity). */
  readonly principal: Principal | undefined;
  /** Condition keys of the connection: `aws:SourceIp`, `aws:SecureTransport`, `aws:UserAgent`. */
  readonly conditionKeys?: Readonly<Record<string, string>>;
}

export interface ApiContext {
  readonly store: Store;
  readonly options: EmulatorOptions;
  /** Scheme, address and port of the emulator. */
  readonly url: string;
  /** The presigned address of a blob on the storage origin, for GetDownloadUrlForLayer. */
  readonly presign: (blob: {
    accountId: string;
    region: string;
    repository: string;
    digest: string;
  }) => string;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `handleEcrApi` (api/ecr-api.ts) and `handleSts` (sts/sts.ts). They answer errors, and throw only on bugs. */
export type ApiHandler = (call: ApiCall, context: ApiContext) => Promise<ApiReply>;
