import type { CredentialProvider } from "./credentials.ts";

/** Asks each provider in order, and takes the first credentials that one has. */
export function firstOf(providers: readonly CredentialProvider[]): CredentialProvider {
  return {
    async credentialsFor(host, request) {
      for (const provider of providers) {
        const credentials = await provider.credentialsFor(host, request);
        if (credentials !== undefined) return credentials;
      }
      return undefined;
    },
    isPreemptive: (host) => providers.some((provider) => provider.isPreemptive?.(host) ?? false),
  };
}
