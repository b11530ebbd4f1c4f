import type { ContentWriter } from "../oci/content.ts";

/** A writer that does as `writer` does, but for the operations given. */
export function overrideWriter(writer: ContentWriter, overrides: Partial<ContentWriter>): ContentWriter {
  return {
    host: writer.host,
    repository: writer.repository,
    mountableAfter: writer.mountableAfter,
    ...(writer.prepare && { prepare: (requests) => writer.prepare?.(requests) }),
    ...(writer.expectImage && { expectImage: (options) => writer.expectImage?.(options) }),
    resolve: (target, options) => writer.resolve(target, options),
    fetchManifest: (target, options) => writer.fetchManifest(target, options),
    fetchBlob: (blob, options) => writer.fetchBlob(blob, options),
    referrers: (subject, options) => writer.referrers(subject, options),
    hasBlob: (blob, options) => writer.hasBlob(blob, options),
    pushBlob: (blob, open, options) => writer.pushBlob(blob, open, options),
    pushManifest: (manifest, target, options) => writer.pushManifest(manifest, target, options),
    linkReferrers: (subject, referrers, options) => writer.linkReferrers(subject, referrers, options),
    ...(writer.isImmutable && {
      isImmutable: async (tag, options) => writer.isImmutable?.(tag, options),
    }),
    ...(writer.exists && { exists: async (options) => writer.exists?.(options) }),
    ...(writer.tryUpload && { tryUpload: async (options) => writer.tryUpload?.(options) }),
    ...overrides,
  };
}
