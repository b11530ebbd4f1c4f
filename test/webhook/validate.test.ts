import { describe, expect, it } from "vitest";
import { admissionWorld, dev, prod } from "./admission-world.ts";
import { pod } from "./review.ts";

const app = `${prod}/app:1`;
const source = `${dev}/app:1`;
const refused = { allowed: false, outcomes: ["refused"] };
const admitted = { allowed: true };

describe("what is looked at last", () => {
  it.each([
    ["verify-only", "allow", app, "present", admitted],
    ["verify-only", "allow", app, "promotable", refused],
    ["verify-only", "allow", app, "unreachable", { allowed: true, outcomes: ["missing"] }],
    ["verify-only", "deny", app, "unreachable", { ...refused, temporary: true }],
    ["verify-only", "allow", app, "never", { allowed: true, outcomes: ["missing"] }],
    ["verify-only", "deny", app, "never", { ...refused, temporary: true }],
    ["verify-only", "allow", source, "present", refused],
    ["wait", "allow", app, "promotable", admitted],
    ["wait", "deny", app, "promotable", refused],
    ["wait", "deny", app, "present", admitted],
    ["wait", "deny", source, "promotable", admitted],
    ["rewrite", "deny", source, "present", refused],
    ["rewrite", "allow", source, "present", admitted],
    ["background", "deny", app, "promotable", admitted],
    ["off", "deny", app, "promotable", admitted],
  ] as const)("under %s and %s, %s that is %s", async (policy, onFailure, image, fate, expected) => {
    const { validate, calls } = admissionWorld({ [app]: fate }, { policy, onFailure });
    expect(await validate({ object: pod([image]) })).toMatchObject(expected);
    expect(calls.ensured).toEqual([]);
    expect(calls.background).toEqual([]);
  });

  it("lets a dry run pass that would have brought what is missing", async () => {
    const { validate, admit } = admissionWorld({}, { policy: "wait", onFailure: "deny" });
    for (const ask of [admit, validate]) {
      expect(await ask({ object: pod([app]), dryRun: true })).toMatchObject(admitted);
    }
    const severe = admissionWorld({}, { policy: "verify-only" });
    expect(await severe.validate({ object: pod([app]), dryRun: true })).toMatchObject(refused);
  });

  it("says what is missing, and what to do", async () => {
    const { validate } = admissionWorld({}, { policy: "verify-only" });
    expect(await validate({ object: pod([app]) })).toMatchObject({
      message: `image-promoter: ${app}: Nobody has it. Wait`,
    });
    expect(await validate({ object: pod([source]) })).toMatchObject({
      message: `image-promoter: ${source} is named by its source; what runs here is ${app}`,
    });
  });

  it("refuses images of elsewhere only where every image has to have been promoted", async () => {
    const lax = admissionWorld({}, { policy: "verify-only" });
    expect(await lax.validate({ object: pod(["nginx:1"]) })).toMatchObject(admitted);
    const strict = admissionWorld({}, { policy: "verify-only" }, { strict: true });
    expect(await strict.validate({ object: pod(["nginx:1"]) })).toMatchObject({
      message: "image-promoter: nginx:1 was not promoted: no route leads to it",
    });
    const waiting = admissionWorld({}, { policy: "wait", onFailure: "deny" }, { strict: true });
    expect(await waiting.validate({ object: pod(["nginx:1"]) })).toMatchObject(admitted);
    expect(await waiting.admit({ object: pod(["nginx:1"]) })).toMatchObject(admitted);
  });
});
