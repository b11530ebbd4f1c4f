import type { z } from "zod";
import type { ApiCall, ApiContext } from "../api-call.ts";
import { EcrException } from "../ecr-exception.ts";
import type { Principal } from "../identity.ts";
import type { Region, Store } from "../store.ts";

/** One call of the ECR API, whose input has been read. */
export interface EcrRequest {
  readonly call: ApiCall;
  readonly context: ApiContext;
  readonly store: Store;
  readonly principal: Principal;
  /** `ecr:` and the operation's name: what the caller must be allowed. */
  readonly action: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One operation of the ECR API: the parsed body in, the members of the answer out. Throws EcrException. */
export type Operation = (body: unknown, request: EcrRequest) => object | Promise<object>;

/** An operation whose input is checked against `schema` before it runs. */
export function operation<S extends z.ZodType>(
  schema: S,
  run: (input: z.output<S>, request: EcrRequest) => object | Promise<object>,
): Operation {
  return (body, request) => {
    const input = schema.safeParse(body);
    if (input.success) return run(input.data, request);
    const [issue] = input.error.issues;
    throw invalidParameter(issue?.path.join(".") || "input", issue?.message ?? "not valid");
  };
}

/** ECR's answer to an input that its model does not allow. */
export function invalidParameter(name: string, constraint: string): EcrException {
  return new EcrException(
    "InvalidParameterException",
    `Invalid parameter at '${name}' failed to satisfy constraint: '${constraint}'`,
  );
}

/** The caller's own registry, or the one that it names. */
export function registryOf(request: EcrRequest, registryId: string | undefined): string {
  return registryId ?? request.principal.accountId;
}

/** The region that the request was sent to, of the given account. */
export function regionOf(request: EcrRequest, accountId: string): Region {
  return request.store.region(accountId, request.call.region);
}

/** Dates of the JSON protocol: seconds since the epoch, with fractions. */
export function epochSeconds(ms: number): number {
  return ms / 1000;
}
