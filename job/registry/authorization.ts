import type { Waiting } from "../oci/content.ts";

/** What a request needs the right to do. */
export interface Scope {
  readonly repository: string;
  /** `catalog` is about the registry as a whole, whose repository is empty. */
  readonly actions: "pull" | "pull,push" | "delete" | "catalog";
}

export interface AuthorizationOptions extends Waiting {
  /** Another repository that has to be readable as well. */
  readonly mountFrom?: string;
}

export interface Refusal {
  readonly status: number;
  /** The values of all `WWW-Authenticate` headers. */
  readonly wwwAuthenticate: readonly string[];
  /** Whether the registry's error says that a token has expired, which ECR does with status 403. */
  readonly tokenExpired: boolean;
  /** The Authorization header that the refused request carried. */
  readonly sent: string | undefined;
  readonly scope: Scope;
  readonly mountFrom?: string;
}
