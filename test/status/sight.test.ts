import { describe, expect, it } from "vitest";
import { parseReference } from "../../job/oci/reference.ts";
import { namedImages, placeOf } from "../../job/status/sight.ts";

const all = [
  { name: "staging", registry: { host: "prod.example", prefix: "staging" } },
  { name: "production", registry: { host: "prod.example", prefix: "" } },
  { name: "development", registry: { host: "dev.example", prefix: "" } },
];

describe("whose an image is", () => {
  it.each([
    ["prod.example/team/app:1", { home: "production", module: "team/app" }],
    ["prod.example/staging/team/app:1", { home: "staging", module: "team/app" }],
    ["prod.example/stagings/app:1", { home: "production", module: "stagings/app" }],
    ["dev.example/app:1", { home: "development", module: "app" }],
    ["docker.io/library/nginx:1.27", undefined],
  ])("%s", (image, place) => expect(placeOf(parseReference(image), all)).toEqual(place));

  it("leaves to another environment of the same cluster what is its own, unless manifests name it", () => {
    const theirs = parseReference("prod.example/staging/app:1");
    const here = all.map((environment) => ({ ...environment, cluster: "shared" }));
    const workloads = [{ reference: theirs, workload: "Deployment staging/app" }];
    const sight = {
      name: "production",
      registry: { host: "prod.example", prefix: "" },
      cluster: "shared",
      workloads,
    };
    expect([...namedImages(sight, here).keys()]).toEqual([]);
    expect([...namedImages({ ...sight, cluster: "own" }, here).keys()]).toEqual(["app"]);
    const declared = [{ reference: theirs, lasting: true }];
    expect([...namedImages({ ...sight, declared }, here).keys()]).toEqual(["app"]);
  });

  it("brings manifests and workloads together, and leaves out what is nobody's", () => {
    const [app, nginx, late] = ["prod.example/app:1", "nginx:1", "prod.example/app:2"].map(parseReference);
    if (app === undefined || nginx === undefined || late === undefined) throw new Error("three images");
    const sight = {
      name: "production",
      registry: { host: "prod.example", prefix: "" },
      declared: [app, app, nginx].map((reference, index) => ({ reference, lasting: index === 1 })),
      workloads: [app, late, nginx].map((reference) => ({ reference, workload: "Deployment shop/app" })),
    };
    const modules = namedImages(sight, all);
    expect([...modules.keys()]).toEqual(["app"]);
    expect(
      modules
        .get("app")
        ?.map(({ reference, declared, lasting, workloads }) => [
          reference.tag,
          declared,
          lasting,
          workloads.length,
        ]),
    ).toEqual([
      ["1", true, true, 1],
      ["2", false, false, 1],
    ]);
  });
});
