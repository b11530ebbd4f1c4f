import { jsonReply, type Reply } from "../reply.ts";
import { readPage } from "./pages.ts";
import type { RegistryCall } from "./registry-call.ts";

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags} */
export function listTags(call: RegistryCall): Reply {
  const page = readPage(call, call.repository.imageTags.keys());
  if ("status" in page) return page;
  return jsonReply(200, { name: call.repository.name, tags: page.names }, page.headers);
}
