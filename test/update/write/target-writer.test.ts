import { describe, expect, it } from "vitest";
import type { NewImage, UpdateTarget } from "../../../job/update/application.ts";
import { targetWriter } from "../../../job/update/write/target-writer.ts";
import { memoryTree } from "./memory-tree.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const api = "registry.example.com/shop/api";
const next: NewImage = { name: api, tag: "1.5.0" };
const pinned: NewImage = { ...next, digest };

/** Writes into the one file `path`, and gives its text and what was said of it. */
async function write(
  target: UpdateTarget,
  before: string | undefined,
  image: NewImage = next,
  path = "file.yaml",
) {
  const tree = memoryTree(before === undefined ? {} : { [path]: before });
  const edits = await targetWriter.write(tree, target, image);
  const again = await targetWriter.write(tree, target, image);
  expect(again).toEqual([]);
  return { text: tree.files.get(path), edits };
}

const kustomization = (name = api): UpdateTarget => ({ kind: "kustomization", path: "file.yaml", name });
const values = (tag = "image.tag", name?: string): UpdateTarget => ({
  kind: "values",
  path: "file.yaml",
  fields: { tag, ...(name !== undefined && { name }) },
});
const field = (path: string): UpdateTarget => ({ kind: "field", path: "file.yaml", field: path });
const marker = (name: string): UpdateTarget => ({ kind: "marker", path: "file.yaml", name });
const helm: UpdateTarget = {
  kind: "argocd-helm",
  path: "file.yaml",
  fields: { name: "image.name", tag: "image.tag" },
};
const kustomize: UpdateTarget = { kind: "argocd-kustomize", path: "file.yaml", name: "shop/api" };

/** As overlays hold them. */
function patchImages(tag: string): string {
  return `# versions
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - {name: migrate, image: "${api}:${tag}"}
      containers:
        - name: api
          image: ${api}:${tag} # ours
        - name: proxy
          image: ${api}-proxy:1.4.2
---
apiVersion: batch/v1
kind: CronJob
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: '${api}:${tag}'}]}}}}}
`;
}

type Case = [what: string, target: UpdateTarget, before: string, after: string, image?: NewImage];

const cases: Case[] = [
  [
    "the tag of a kustomization, with its comment and quotes",
    kustomization(),
    `images: # all\n  - name: other\n    newTag: 1.4.2\n  - name: ${api}\n    newTag: '1.4.2'   # ours\n\nresources: [a]\n`,
    `images: # all\n  - name: other\n    newTag: 1.4.2\n  - name: ${api}\n    newTag: '1.5.0'   # ours\n\nresources: [a]\n`,
  ],
  [
    "a digest beside the tag",
    kustomization(),
    `images:\n- name: ${api}\n  newTag: 1.4.2 # c\n# end\n`,
    `images:\n- name: ${api}\n  newTag: 1.5.0 # c\n  digest: ${digest}\n# end\n`,
    pinned,
  ],
  [
    "no digest where none is wanted any more",
    kustomization(),
    `images:\n- digest: sha256:old\n  name: ${api}\n  newTag: 1.4.2\n- {name: z, digest: "sha256:z"}\n`,
    `images:\n- name: ${api}\n  newTag: 1.5.0\n- {name: z, digest: "sha256:z"}\n`,
  ],
  [
    "an entry on one line",
    kustomization("api"),
    `images: [{name: api, newName: old/api, digest: "sha256:old"}, {name: b}]`,
    `images: [{name: api, newName: ${api}, newTag: 1.5.0}, {name: b}]`,
  ],
  [
    "an entry that was missing, at the end of a file without a line break",
    kustomization("api"),
    "resources:\n  - a.yaml\nimages:\n  - name: b\n    newTag: x",
    `resources:\n  - a.yaml\nimages:\n  - name: b\n    newTag: x\n  - name: api\n    newName: ${api}\n    newTag: 1.5.0`,
  ],
  [
    "images that were missing",
    kustomization(),
    "resources:\r\n- a.yaml\r\n",
    `resources:\r\n- a.yaml\r\nimages:\r\n- name: ${api}\r\n  newTag: 1.5.0\r\n`,
  ],
  [
    "images without any",
    kustomization(),
    "images: # none yet\nresources:\n- a.yaml\n",
    `images: # none yet\n- name: ${api}\n  newTag: 1.5.0\nresources:\n- a.yaml\n`,
  ],
  ["a value", values(), "image:\n  tag: 1.4.2 # x\n", "image:\n  tag: 1.5.0 # x\n"],
  [
    "a version that would be a number",
    values(),
    "image:\n  tag: 1.9\n",
    'image:\n  tag: "1.10"\n',
    { name: api, tag: "1.10" },
  ],
  [
    "a version that would be a date",
    values(),
    "image: {tag: v1}\n",
    'image: {tag: "2026-11-21"}\n',
    { name: api, tag: "2026-11-21" },
  ],
  [
    "a version that readers in Go would take for a number",
    values(),
    "image:\n  tag: v1\n",
    'image:\n  tag: "0X1F"\n',
    { name: api, tag: "0X1F" },
  ],
  [
    "a number that meant the same text",
    values(),
    "image:\n  tag: 1.10\n",
    'image:\n  tag: "1.10"\n',
    { name: api, tag: "1.10" },
  ],
  ["a value that is not there yet", values(), "image:\n  tag: # now\n", "image:\n  tag: 1.5.0 # now\n"],
  ["an empty value at the end", values(), "image:\n  tag:", "image:\n  tag: 1.5.0"],
  ["null", values(), "image:\n  tag: null\n", "image:\n  tag: 1.5.0\n"],
  [
    "mappings that are missing",
    values("app.image.tag", "app.image.repository"),
    "a: 1\n\n# end\n",
    `a: 1\napp:\n  image:\n    repository: ${api}\n    tag: 1.5.0\n\n# end\n`,
  ],
  ["an empty mapping", values(), "image: {}\n", "image: {tag: 1.5.0}\n"],
  [
    "a key with dots in it",
    values(),
    "image.tag: '1'\nimage:\n  tag: 2\n",
    "image.tag: '1.5.0'\nimage:\n  tag: 2\n",
  ],
  [
    "a field of a list's element",
    values('apps[1]["image.tag"]'),
    "apps:\n- image.tag: a\n- image.tag: b\n",
    "apps:\n- image.tag: a\n- image.tag: 1.5.0\n",
  ],
  [
    "a field that a list's element has not yet",
    values("apps[0].tag"),
    "apps:\n- name: b\n  x:\n  - 1\nz: 1\n",
    "apps:\n- name: b\n  x:\n  - 1\n  tag: 1.5.0\nz: 1\n",
  ],
  [
    "what an alias stands for, where its anchor is",
    values(),
    "version: &v !!str 1.4.2 # one\nimage: { tag: *v }\n",
    "version: &v !!str 1.5.0 # one\nimage: { tag: *v }\n",
  ],
  [
    "no merged value, which others share",
    values(),
    "base: &base\n  tag: '1'\nimage:\n  <<: *base\n",
    "base: &base\n  tag: '1'\nimage:\n  <<: *base\n  tag: 1.5.0\n",
  ],
  [
    "a block of one line",
    values(),
    "image:\n  tag: |-\n    1.4.2\n  other: x\n",
    "image:\n  tag: |-\n    1.5.0\n  other: x\n",
  ],
  [
    "the whole image in one value, with a digest",
    { kind: "values", path: "file.yaml", fields: { image: "image" } },
    `image: "${api}:1.4.2"\r\n`,
    `image: "${api}:1.5.0@${digest}"\r\n`,
    pinned,
  ],
  ["tag and digest in one value", values(), "image: {tag: a}\n", `image: {tag: 1.5.0@${digest}}\n`, pinned],
  [
    "a patch, in the document of its kind",
    field("Deployment:spec.template.spec.containers[0].image"),
    `\uFEFF---\nkind: Service\nspec: {}\n---\n# p\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: ${api}:1.4.2 # c\n          name: api\n`,
    `\uFEFF---\nkind: Service\nspec: {}\n---\n# p\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: ${api}:1.5.0 # c\n          name: api\n`,
  ],
  [
    "of several fields only those of the image",
    field("containers[*].image"),
    `containers:\n- image: ${api}:1\n- image: "side:1"\n- image: ${api}@sha256:0\n`,
    `containers:\n- image: ${api}:1.5.0\n- image: "side:1"\n- image: ${api}:1.5.0\n`,
  ],
  [
    "all containers that run the image, in patches of several workloads",
    { kind: "manifest", path: "file.yaml", name: api },
    patchImages("1.4.2"),
    patchImages("1.5.0"),
  ],
  [
    "the value of a JSON patch",
    field("[0].value"),
    `[{"op": "replace", "path": "/spec/x", "value": "${api}:1.4.2"}]`,
    `[{"op": "replace", "path": "/spec/x", "value": "${api}:1.5.0"}]`,
  ],
  [
    "what Flux's markers mark",
    marker("flux-system:api"),
    `a: ${api}:1 # {"$imagepolicy": "flux-system:api"}\nb: {c: "1"} \nt: '1' # {"$imagepolicy": "flux-system:api:tag"}\nx: 1 # {"$imagepolicy": "flux-system:apix:tag"}\n`,
    `a: ${api}:1.5.0 # {"$imagepolicy": "flux-system:api"}\nb: {c: "1"} \nt: '1.5.0' # {"$imagepolicy": "flux-system:api:tag"}\nx: 1 # {"$imagepolicy": "flux-system:apix:tag"}\n`,
  ],
  [
    "name, tag and digest apart",
    marker("api"),
    `n: x # {"$image": "api:name"}\nt: 1 # keep {"$image": "api:tag"} this\nd: # {"$image": "api:digest"}\n# {"$image": "api"}\nz: 1\n`,
    `n: ${api} # {"$image": "api:name"}\nt: 1.5.0 # keep {"$image": "api:tag"} this\nd: ${digest} # {"$image": "api:digest"}\n# {"$image": "api"}\nz: 1\n`,
    pinned,
  ],
  [
    "parameters of Helm beside others",
    helm,
    "helm:\n  parameters:\n  - name: image.tag\n    value: 1.4.2\n    forcestring: true\n  - name: x\n    value: y\n",
    `helm:\n  parameters:\n  - name: image.tag\n    value: 1.5.0\n    forcestring: true\n  - name: x\n    value: y\n  - name: image.name\n    value: ${api}\n    forcestring: true\n`,
  ],
  [
    "an image of Kustomize",
    kustomize,
    "kustomize:\n  images:\n  - a:1\n  - shop/api=old:1\n",
    `kustomize:\n  images:\n  - a:1\n  - shop/api=${api}:1.5.0\n`,
  ],
  [
    "an image of Kustomize among Helm's",
    kustomize,
    "helm:\n  x: 1\n",
    `helm:\n  x: 1\nkustomize:\n  images:\n  - shop/api=${api}:1.5.0\n`,
  ],
];

describe("writing a target", () => {
  it.each(cases)("writes %s", async (_what, target, before, after, image) => {
    const { text, edits } = await write(target, before, image);
    expect(text).toBe(after);
    expect(edits.length).toBeGreaterThan(0);
    for (const { line, after: value } of edits) {
      // Where it says that it wrote, there it stands.
      if (value !== undefined && !/^[[{]/.test(value)) expect(after.split("\n")[line - 1]).toContain(value);
    }
  });

  it("makes files for Argo CD where they are missing", async () => {
    expect((await write(helm, undefined)).text).toBe(
      `helm:\n  parameters:\n  - name: image.name\n    value: ${api}\n    forcestring: true\n  - name: image.tag\n    value: 1.5.0\n    forcestring: true\n`,
    );
    expect((await write(kustomize, "# by hand", pinned)).text).toBe(
      `# by hand\nkustomize:\n  images:\n  - shop/api=${api}:1.5.0@${digest}\n`,
    );
  });

  it("says what stood there, what stands there, and where", async () => {
    const { edits } = await write(
      values("image.tag", "image.repository"),
      "image:\n  repository: old\n  tag: '1.4.2'\n",
    );
    expect(edits).toEqual([
      { path: "file.yaml", line: 2, before: "old", after: api },
      { path: "file.yaml", line: 3, before: "1.4.2", after: "1.5.0" },
    ]);
  });

  it("finds the kustomization of a folder, and the marked values below one", async () => {
    const tree = memoryTree({
      "apps/kustomization.yml": `images:\n- name: ${api}\n`,
      "apps/deep/down/a.yaml": 'tag: "1" # {"$image": "api:tag"}\n',
      "apps/templates/b.yaml": "{{ no yaml }}: [\n",
      "apps/c.txt": 'tag: "1" # {"$image": "api:tag"}\n',
    });
    await targetWriter.write(tree, { kind: "kustomization", path: "apps", name: api }, next);
    await targetWriter.write(tree, { kind: "marker", path: "", name: "api" }, next);
    expect(Object.fromEntries(tree.files)).toEqual({
      "apps/kustomization.yml": `images:\n- name: ${api}\n  newTag: 1.5.0\n`,
      "apps/deep/down/a.yaml": 'tag: "1.5.0" # {"$image": "api:tag"}\n',
      "apps/templates/b.yaml": "{{ no yaml }}: [\n",
      "apps/c.txt": 'tag: "1" # {"$image": "api:tag"}\n',
    });
  });
});

describe("reading a target", () => {
  const readings: [target: UpdateTarget, text: string, current: object | undefined][] = [
    [
      kustomization(),
      `images:\n- name: ${api}\n  newTag: 1.10\n`,
      { name: api, tag: "1.10", place: "file.yaml:2" },
    ],
    [
      kustomization("x"),
      `images:\n- name: x\n  newName: y\n  digest: ${digest}\n`,
      { name: "y", digest, place: "file.yaml:2" },
    ],
    [kustomization("x"), "images: []\n", undefined],
    [values(), "image:\n  tag: 1.10\n", { tag: "1.10", place: "file.yaml:2" }],
    [values(), "image: {}\n", undefined],
    [
      values("tag", "name"),
      `name: a\ntag: "1@${digest}"\n`,
      { name: "a", tag: "1", digest, place: "file.yaml:2" },
    ],
    [
      field("image"),
      `a: 1\nimage: host:5000/a@${digest}\n`,
      { name: "host:5000/a", digest, place: "file.yaml:2" },
    ],
    [
      marker("a"),
      'x: n # {"$image": "a:name"}\ny: 1 # {"$image": "a:tag"}\n',
      { name: "n", tag: "1", place: "file.yaml:1" },
    ],
    [marker("b"), 'x: n # {"$image": "a:name"}\n', undefined],
    [helm, "helm:\n  parameters:\n  - {name: image.tag, value: 1.4}\n", { tag: "1.4", place: "file.yaml:3" }],
    [helm, "", undefined],
    [kustomize, "kustomize:\n  images: [shop/api:3]\n", { name: "shop/api", tag: "3", place: "file.yaml:2" }],
  ];
  it.each(readings)("%# tells what stands there", async (target, text, current) => {
    expect(await targetWriter.current(memoryTree({ "file.yaml": text }), target)).toEqual(current);
  });
});

describe("a target that cannot be written", () => {
  const faults: [what: string, target: UpdateTarget, text: string, message: RegExp][] = [
    ["broken YAML", values(), "a: [\n", /^file\.yaml:2:1: /],
    ["a mapping where a text should be", values("image"), "image:\n  tag: 1\n", /field image holds no text/],
    ["a field that is not there", field("spec.image"), "spec: {}\n", /There is no field spec\.image/],
    [
      "several fields, none of them its own",
      field("a[*]"),
      "a: [b:1, c:1]\n",
      /None of the fields at a\[\*\]/,
    ],
    [
      "no container",
      { kind: "manifest", path: "file.yaml", name: "b" },
      patchImages("1"),
      /No container runs b/,
    ],
    ["no marker", marker("api"), "a: 1\n", /No value in file\.yaml is marked with api/],
    [
      "a comment below a block, which stands behind no value",
      marker("api"),
      `args: |\n  --verbose\n# image: ${api}:1 # {"$image": "api"}\nb: 1\n`,
      /No value in file\.yaml is marked with api/,
    ],
    [
      "a marker behind a key",
      marker("api:x"),
      '? key # {"$image": "api:x"}\n: value\n',
      /No value in file\.yaml is marked with api:x/,
    ],
    [
      "two entries of one name, of which kustomize takes the last",
      kustomization(),
      `images:\n- name: ${api}\n  newTag: "1"\n- name: ${api}\n  newTag: "2"\n`,
      /Two entries of images: are called registry\.example\.com/,
    ],
    [
      "what would be no YAML any more",
      values("image.tag"),
      "image:\n  &anchored name: 1\n",
      /file\.yaml.* cannot be changed here/,
    ],
    [
      "a block of several lines",
      values("t"),
      "t: |\n  a\n  b\n",
      /file\.yaml:1: The value has not exactly one line/,
    ],
  ];
  it.each(faults)("is refused: %s", async (_what, target, text, message) => {
    const tree = memoryTree({ "file.yaml": text });
    await expect(targetWriter.write(tree, target, next)).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(message),
    });
    expect(tree.files.get("file.yaml")).toBe(text);
  });

  it("is refused: a file that is not there", async () => {
    await expect(targetWriter.write(memoryTree({}), values(), next)).rejects.toMatchObject({
      code: "InvalidInput",
    });
  });
});
