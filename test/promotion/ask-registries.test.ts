import { expect, it } from "vitest";
import type { ContentReader } from "../../job/oci/content.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { askRegistries } from "../../job/promotion/ask-registries.ts";
import { world } from "./world.ts";

/** What a source that says how it prefers to be asked is asked for. */
async function askedOf(prefersHead: boolean): Promise<readonly string[]> {
  const asked: string[] = [];
  const source: ContentReader = {
    ...{ host: "dev.test", repository: "app", prefersHead },
    prepare: (requests) => asked.push(`prepare ${requests}`),
    resolve: async (target) => void asked.push(`HEAD ${target}`),
    fetchManifest: async (target) => void asked.push(`GET ${target}`),
    fetchBlob: () => Promise.reject(new Error("No blob is asked for")),
    async *referrers() {},
  };
  const { prod, context } = world();
  const { repositories } = context();
  const [to, from] = ["prod.test/app:1", "dev.test/app:1"].map(parseReference);
  if (to === undefined || from === undefined) throw new Error("no references");
  const asking = context({ repositories: { ...repositories, source: () => source } });
  expect(await askRegistries(to, [from], prod.repository("app"), asking)).toEqual({
    named: undefined,
    source: { state: "missing" },
  });
  return asked;
}

it("gets ready for an index's members while its tag is asked for", async () => {
  expect(await askedOf(false)).toEqual(["prepare 4", "GET 1"]);
});

it("gets ready for nothing where only the tag's head is asked for", async () => {
  expect(await askedOf(true)).toEqual(["HEAD 1"]);
});
