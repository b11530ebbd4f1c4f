import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../job/async/clock.ts";
import { ecrClients } from "../../../job/ecr/client.ts";
import { decidingRules, readLifecyclePolicy } from "../../../job/ecr/lifecycle-policy.ts";
import {
  destinationLifecyclePolicy,
  sourceLifecyclePolicy,
} from "../../../job/ecr/policy/lifecycle-policy.ts";
import { registryHost, startEcrEmulator } from "../../emulator/emulator.ts";
import { ecrHost } from "../fake-clients.ts";

const tags = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,40}$/), {
  minLength: 1,
  maxLength: 4,
});

describe("a destination's policy", () => {
  it("is none unless it is asked for: what is promoted by digest has no tag", () => {
    expect(destinationLifecyclePolicy({})).toBeUndefined();
  });

  it("never touches an image that has a tag", () => {
    const rules = readLifecyclePolicy(JSON.stringify(destinationLifecyclePolicy({ untaggedDays: 30 })));
    fc.assert(fc.property(tags, (named) => decidingRules(rules, named).length === 0));
    expect(decidingRules(rules, [])).toMatchObject([{ countType: "sinceImagePushed", countNumber: 30 }]);
  });
});

describe("a source's policy", () => {
  it("keeps tagged images by number, not by age", () => {
    const rules = readLifecyclePolicy(JSON.stringify(sourceLifecyclePolicy({ keepImages: 7 })));
    fc.assert(
      fc.property(tags, (named) => {
        const counted = { countType: "imageCountMoreThan", countNumber: 7 };
        expect(decidingRules(rules, named)).toMatchObject([counted]);
      }),
    );
    expect(decidingRules(rules, [])).toMatchObject([{ countType: "sinceImagePushed", countNumber: 14 }]);
  });
});

it.each([
  ["source", sourceLifecyclePolicy()],
  ["destination", destinationLifecyclePolicy({ untaggedDays: 90 })],
])("ECR takes the policy of a %s", async (_, policy) => {
  await using emulator = await startEcrEmulator();
  const host = ecrHost(registryHost("111111111111", "eu-west-1"));
  emulator.repository("111111111111", "eu-west-1", "app");
  const { accessKeyId, secretAccessKey } = emulator.account("111111111111").admin();
  const env = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const api = await ecrClients({ env, clock: systemClock }).forHost(host);
  await api.putLifecyclePolicy("app", JSON.stringify(policy));
  expect(JSON.parse((await api.getLifecyclePolicy("app")) ?? "")).toEqual(policy);
});
