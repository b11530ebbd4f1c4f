import type { LookupFunction } from "node:net";
import { expect, it } from "vitest";
import { sharedLookup } from "../../job/http-client/shared-lookup.ts";

type Answer = Parameters<Parameters<LookupFunction>[2]>;

/** A lookup that answers when it is told to. */
function heldLookup() {
  const asked: { hostname: string; answer: (...answer: Answer) => void }[] = [];
  const lookup: LookupFunction = (hostname, _options, answer) => void asked.push({ hostname, answer });
  return { asked, lookup: sharedLookup(lookup) };
}

it("asks once for all who want the same at the same time", () => {
  const { asked, lookup } = heldLookup();
  const answers: unknown[] = [];
  for (let index = 0; index < 3; index += 1) {
    lookup("a.example", { all: true }, (_error, found) => answers.push(found));
  }
  lookup("a.example", { all: true, family: 4 }, () => {});
  lookup("b.example", { all: true }, () => {});
  expect(asked.map(({ hostname }) => hostname)).toEqual(["a.example", "a.example", "b.example"]);
  const found = [{ address: "10.0.0.1", family: 4 }];
  asked[0]?.answer(null, found, 4);
  expect(answers).toEqual([found, found, found]);
});

it("remembers nothing, neither an answer nor a failure", () => {
  const { asked, lookup } = heldLookup();
  const failures: unknown[] = [];
  lookup("a.example", {}, (error) => failures.push(error));
  const failure = new Error("no such name");
  asked[0]?.answer(failure, "", 0);
  lookup("a.example", {}, (error) => failures.push(error));
  asked[1]?.answer(null, "10.0.0.1", 4);
  expect(failures).toEqual([failure, null]);
});
