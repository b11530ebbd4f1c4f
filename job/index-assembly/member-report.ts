import { formatPlatform } from "../oci/platform.ts";
import { type IndexMember, subjectOf } from "./member.ts";
import type { MemberReport } from "./report.ts";

/** What a report says of an entry. */
export function memberReport(member: IndexMember): MemberReport {
  const { digest, mediaType, size, platform, annotations, artifactType, source } = member;
  const attests = subjectOf(member);
  return {
    digest,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    size,
    ...(platform && attests === undefined && { platform: formatPlatform(platform) }),
    ...(platform?.osFeatures && { osFeatures: platform.osFeatures }),
    ...(attests !== undefined && { attests }),
    ...(annotations && { annotations }),
    source,
  };
}
