import type { AccountFixture } from "./account-fixture.ts";
import type { EmulatorOptions } from "./emulator-options.ts";
import type { FaultInjector } from "./faults.ts";
import type { Repository, RepositorySettings } from "./repository.ts";
import type { LoggedRequest } from "./request-log.ts";
import { startServers } from "./server.ts";
import type { Store } from "./store.ts";

/** Amazon ECR in this process: several accounts and regions, on loopback addresses only. */
export interface EcrEmulator extends AsyncDisposable {
  /**
   * `http://127.0.0.1:<port>`: the ECR API, STS, and `/v2` of every registry, told apart by the Host header in any
   * form that ECR's hosts have.
   */
  readonly url: string;
  /** `127.0.0.1:<port>` of a listener that is this one registry, for programs that cannot set a Host header. */
  listen(accountId: string, region: string): Promise<string>;
  /** The account, made when it was not there. */
  account(id: string): AccountFixture;
  /** The repository, made with these settings when it was not there. */
  repository(accountId: string, region: string, name: string, settings?: RepositorySettings): Repository;
  readonly requests: readonly LoggedRequest[];
  clearRequests(): void;
  readonly faults: FaultInjector;
  /** Ends all faults and what they have ended: every port is listened at. */
  clearFaults(): Promise<void>;
  /** Where blobs are redirected to: another origin, which plays S3. */
  readonly storage: { readonly url: string };
  /** Everything behind it; what a test changes here is there at the next request. */
  readonly store: Store;
}

/** Starts an emulator; `await using` or `[Symbol.asyncDispose]()` ends it with all of its connections. */
export async function startEcrEmulator(options: EmulatorOptions = {}): Promise<EcrEmulator> {
  return await startServers(options);
}

/** The host of a registry in the commercial partition. */
export function registryHost(accountId: string, region: string): string {
  return `${accountId}.dkr.ecr.${region}.amazonaws.com`;
}
