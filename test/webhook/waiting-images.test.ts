import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waitingImages } from "../../job/webhook/waiting-images.ts";

const waiting = (name: string, reason = "ImagePullBackOff") => ({ name, state: { waiting: { reason } } });

function pod(status: object, spec: object = {}): object {
  return {
    metadata: { name: "web" },
    spec: {
      containers: [{ name: "a", image: "x/a:1" }, { name: "b", image: "x/b:1" }, { name: "c" }],
      ...spec,
    },
    status,
  };
}

const names = (object: unknown) => waitingImages(object).map(({ image }) => image);

describe("waitingImages", () => {
  it("are those of the containers that could not be started for want of one", () => {
    const running = { name: "a", state: { running: {} } };
    expect(names(pod({ containerStatuses: [running, waiting("b")] }))).toEqual(["x/b:1"]);
    expect(names(pod({ containerStatuses: [waiting("b", "ErrImagePull"), waiting("a")] }))).toEqual([
      "x/b:1",
      "x/a:1",
    ]);
  });

  it("are named as the pod's specification names them, not as its status does", () => {
    const status = { ...waiting("a"), image: "x/a@sha256:0", imageID: "" };
    expect(names(pod({ containerStatuses: [status] }))).toEqual(["x/a:1"]);
  });

  it("are also those of volumes, which a container's status does not tell from its own", () => {
    const spec = {
      volumes: [
        { name: "data", image: { reference: "x/data:1" } },
        { name: "tmp", emptyDir: {} },
      ],
    };
    expect(names(pod({ containerStatuses: [waiting("a")] }, spec))).toEqual(["x/a:1", "x/data:1"]);
    expect(names(pod({ containerStatuses: [waiting("a", "CrashLoopBackOff")] }, spec))).toEqual([]);
  });

  it("are none of containers that are not there, or have none", () => {
    expect(
      names(pod({ containerStatuses: [waiting("other"), waiting("c"), waiting("a", "InvalidImageName")] })),
    ).toEqual([]);
  });

  it("are found in whatever calls itself a pod, without harm", () => {
    const word = fc.constantFrom("a", "x/a:1", "ErrImagePull", "");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        word,
        fc.constant(null),
        fc.integer(),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            ...["metadata", "spec", "status", "containers", "containerStatuses", "initContainers", "volumes"],
            ...["name", "image", "reference", "state", "waiting", "reason", "__proto__"],
          ),
          tie("tree"),
          { maxKeys: 6 },
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, (object) => {
        for (const { image } of waitingImages(object)) expect(image).toMatch(/./);
      }),
      { numRuns: 500 },
    );
  });
});
