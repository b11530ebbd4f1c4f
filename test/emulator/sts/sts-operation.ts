import type { Principal } from "../identity.ts";
import type { Store } from "../store.ts";
import { StsError } from "./sts-error.ts";
import type { XmlElements } from "./sts-reply.ts";

/** A call of STS, besides its fields. */
export interface StsRequest {
  readonly store: Store;
  /** Undefined for a call without a signature. */
  readonly principal: Principal | undefined;
  /** Condition keys of the connection. */
  readonly conditionKeys: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type FormFields = Readonly<Record<string, string>>;

/** One operation of STS: form fields in, the elements of its result out. Throws StsError. */
export type StsOperation = (fields: FormFields, request: StsRequest) => XmlElements;

/** @throws {StsError} `MissingAuthenticationToken` for a call that was not signed. */
export function callerOf({ principal }: StsRequest): Principal {
  if (principal !== undefined) return principal;
  throw new StsError(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
}
