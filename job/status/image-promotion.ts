import type { PromotionRecord } from "../attestation/history.ts";
import { hasCode } from "../error.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { repositoryOf } from "../promotion/route.ts";
import type { ImagePromotion } from "./environment-status.ts";

/**
 * The last promotion into a repository that statements tell of. Statements go along with an image from environment to
 * environment, so that most histories tell of others too; forged ones are not believed.
 */
export function lastPromotion(
  records: readonly PromotionRecord[],
  into: Reference,
): ImagePromotion | undefined {
  return records
    .flatMap(({ standing, promotion }) => {
      if (standing === "forged" || promotion === undefined) return [];
      const { promotedAt, source, destination, application, promoter } = promotion;
      if (!isRepository(destination.reference, into)) return [];
      const { name, roleArn, serviceAccount } = promoter.identity;
      const by = name ?? roleArn ?? serviceAccount;
      return {
        at: new Date(promotedAt).toISOString(),
        standing,
        ...(source !== undefined && { from: source.reference }),
        ...(application !== undefined && { application: application.name }),
        ...(application?.revision !== undefined && { revision: application.revision }),
        ...(application?.repository !== undefined && { repository: application.repository }),
        ...(by !== undefined && { by }),
      };
    })
    .at(-1);
}

function isRepository(text: string, repository: Reference): boolean {
  try {
    return repositoryOf(parseReference(text)) === repositoryOf(repository);
  } catch (error) {
    if (hasCode(error, "InvalidReference")) return false;
    throw error;
  }
}
