import { expect, it } from "vitest";
import { BranchTree } from "../../../job/update/git/branch-tree.ts";
import { targetWriter } from "../../../job/update/write/target-writer.ts";

it("is walked past links and submodules, which lead elsewhere", async () => {
  const text = 'tag: a # {"$image": "api:tag"}\n';
  const entries = new Map([
    ["apps/values.yaml", { mode: "100644", object: "1" }],
    ["apps/link.yaml", { mode: "120000", object: "2" }],
    ["apps/module.yaml", { mode: "160000", object: "3" }],
  ]);
  const tree = new BranchTree(entries, async () => Buffer.from(text));
  const target = { kind: "marker", path: "apps", name: "api" } as const;
  await targetWriter.write(tree, target, { name: "api", tag: "b" });
  expect([...tree.written]).toEqual([["apps/values.yaml", text.replace("tag: a", "tag: b")]]);
  expect(await tree.list("apps")).toEqual(["values.yaml"]);
});
