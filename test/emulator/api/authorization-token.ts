import { z } from "zod";
import { requireRegistryAccess } from "./access.ts";
import { registryId } from "./input.ts";
import { epochSeconds, operation } from "./operation.ts";
import { plainRegistryHost } from "./registry-host.ts";

/**
 * A token that is good for every registry that the caller may use; its deprecated `registryIds` only change for which
 * registries an endpoint is told.
 */
export const getAuthorizationToken = operation(
  z.object({ registryIds: z.array(registryId.unwrap()).min(1).max(10).optional() }),
  ({ registryIds }, request) => {
    requireRegistryAccess(request);
    const authorizationData = (registryIds ?? [request.principal.accountId]).map((accountId) => {
      const { authorizationToken, expiresAt } = request.store.mintToken(request.principal);
      return {
        authorizationToken,
        expiresAt: epochSeconds(expiresAt),
        proxyEndpoint: `https://${plainRegistryHost(accountId, request.call.region)}`,
      };
    });
    return { authorizationData };
  },
);
