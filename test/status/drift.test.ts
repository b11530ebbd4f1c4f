import { describe, expect, it } from "vitest";
import { parseReference } from "../../job/oci/reference.ts";
import { driftsOf, type Judged } from "../../job/status/drift.ts";
import type { NamedImage } from "../../job/status/sight.ts";

const reference = parseReference("prod.example/app:1");
const workload = { reference, workload: "Deployment shop/app" };
const used = { workloads: [workload] };

function drifts(named: Partial<NamedImage>, known: Partial<Judged> = {}) {
  return driftsOf({
    named: { reference, home: "production", declared: true, lasting: true, workloads: [], ...named },
    environment: "production",
    promoted: true,
    hasManifests: true,
    hasCluster: true,
    runsAnother: false,
    ...known,
  });
}

describe("drift", () => {
  it.each([
    ["nothing where all is as it is written", used, {}, []],
    ["an image that nobody promoted", used, { promoted: false }, ["not-promoted"]],
    ["nothing of what could not be asked", used, { promoted: undefined }, []],
    ["an image of another environment", { ...used, home: "development" }, {}, ["other-registry"]],
    ["what manifests name and nothing uses", {}, {}, ["not-deployed"]],
    ["nothing of a Job, which comes and goes", { lasting: false }, {}, []],
    ["nothing unused where no cluster was asked", {}, { hasCluster: false }, []],
    ["what runs, and no manifest names", { ...used, declared: false }, {}, ["not-in-manifests"]],
    [
      "nothing unnamed where there are no manifests",
      { ...used, declared: false },
      { hasManifests: false },
      [],
    ],
    ["pods of what the tag was before", used, { runsAnother: true }, ["tag-moved"]],
    [
      "pods that wait, before why they do",
      { workloads: [workload, { ...workload, problem: "ImagePullBackOff" }] },
      { promoted: false },
      ["cannot-pull", "not-promoted"],
    ],
  ] as const)("is %s", (_what, named, known, expected) => {
    expect(drifts(named, known)).toEqual(expected);
  });
});
