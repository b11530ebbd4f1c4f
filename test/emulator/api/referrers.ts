import { z } from "zod";
import { isDigest } from "../../../job/oci/digest.ts";
import { readManifestDocument } from "../manifest-document.ts";
import { openRepository } from "./access.ts";
import { paging, repositoryInput } from "./input.ts";
import { invalidParameter, operation } from "./operation.ts";
import { pageOf } from "./page.ts";

/** Who may pull an image may also see what is attached to it. */
export const listImageReferrers = operation(
  repositoryInput.extend({
    ...paging,
    subjectId: z.object({ imageDigest: z.string() }),
    filter: z
      .object({
        artifactTypes: z.array(z.string()).optional(),
        artifactStatus: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"]).optional(),
      })
      .optional(),
  }),
  (input, request) => {
    const repository = openRepository(request, input, { action: "ecr:BatchGetImage" });
    const { imageDigest } = input.subjectId;
    if (!isDigest(imageDigest)) throw invalidParameter("subjectId.imageDigest", "Invalid digest");
    const { artifactTypes, artifactStatus = "ACTIVE" } = input.filter ?? {};
    const all = [...repository.manifests.values()].flatMap((image) => {
      const document = readManifestDocument(image.bytes, image.mediaType);
      if (document?.subject !== imageDigest) return [];
      if (artifactStatus !== "ANY" && image.status !== artifactStatus) return [];
      const { artifactType, annotations } = document;
      if (artifactTypes !== undefined && !artifactTypes.includes(artifactType ?? "")) return [];
      const { digest, mediaType, status } = image;
      return [
        { digest, mediaType, artifactType, size: image.bytes.length, annotations, artifactStatus: status },
      ];
    });
    const { members, next } = pageOf(all, { ...input, maxResults: input.maxResults ?? 50 });
    return { referrers: members, ...next };
  },
);
