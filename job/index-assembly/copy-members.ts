import { allDone } from "../async/all-done.ts";
import { PromoterError } from "../error.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { WantedImage } from "../promotion/image.ts";
import { promoteImages } from "../promotion/promote.ts";
import type { IndexMember } from "./member.ts";

export interface MemberCopies {
  readonly bytesCopied: number;
  readonly bytesMounted: number;
  readonly warnings: readonly string[];
}

/**
 * Sees that every member is in the index's repository, as the index will name it. What lies in another repository is
 * brought by promotion: mounted where the registry mounts, else copied, with what is attached to it.
 *
 * @throws {PromoterError} `ManifestUnknown` when a member that should be there is not; what promoting it throws.
 */
export async function bringMembers(
  members: readonly IndexMember[],
  target: Reference,
  context: PromotionContext,
): Promise<MemberCopies> {
  const isHere = ({ host, repository }: IndexMember) =>
    host === target.host && repository === target.repository;
  const elsewhere = members.filter((member) => !isHere(member));
  const wanted = elsewhere.map((member) => wantedMember(member, target));
  const [report] = await allDone([
    promoteImages(wanted, context),
    allDone(members.filter(isHere).map((member) => expectMember(member, target, context))),
  ]);
  const failed = report.images.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) {
    const { code, message, hint, temporary } = failed.error;
    throw new PromoterError(code, `Cannot bring ${failed.destination}: ${message}`, {
      temporary,
      ...(hint !== undefined && { hint }),
    });
  }
  const { bytesCopied, bytesMounted } = report.summary;
  return { bytesCopied, bytesMounted, warnings: report.images.flatMap(({ warnings }) => warnings) };
}

function wantedMember({ host, repository, digest }: IndexMember, target: Reference): WantedImage {
  return {
    destination: { host: target.host, repository: target.repository, digest },
    sources: [{ host, repository, digest }],
  };
}

/** An index can outlive its members: not every registry looks when it is deleted from. */
async function expectMember(
  { digest, source }: IndexMember,
  { host, repository }: Reference,
  context: PromotionContext,
): Promise<void> {
  const to = context.repositories.destination({ host, repository });
  const found = await limited(context, "destination", (waiting) => to.resolve(digest, waiting));
  if (found !== undefined) return;
  const name = formatReference({ host, repository, digest });
  throw new PromoterError("ManifestUnknown", `${source} names ${name}, which is not there any more`, {
    side: "destination",
    hint: "Build and push that architecture again, or leave it out",
  });
}
