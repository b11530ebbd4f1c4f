import { expect, it } from "vitest";
import { sameCredentials } from "../../job/registry/renewable-credentials.ts";

const basic = (username: string, password: string) => ({ kind: "basic", username, password }) as const;
const token = (text: string) => ({ kind: "identity-token", token: text }) as const;

it.each([
  [basic("a", "b"), basic("a", "b"), true],
  [basic("a", "b"), basic("a", "c"), false],
  [basic("a", "b"), basic("c", "b"), false],
  [token("a"), token("a"), true],
  [token("a"), token("b"), false],
  [token("b"), basic("a", "b"), false],
  [basic("a", "b"), token("b"), false],
])("says whether %j and %j prove the same: %s", (one, other, expected) => {
  expect(sameCredentials(one, other)).toBe(expected);
});
