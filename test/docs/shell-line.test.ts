import { expect, it } from "vitest";
import { commandLines } from "./shell-line.ts";

it.each([
  ["promote a.b/c:1", [["promote", "a.b/c:1"]]],
  ["plan \\\n    --from 'a b' --to \"c d\"", [["plan", "--from", "a b", "--to", "c d"]]],
  ["plan -f - > out.yaml   # image-promoter nothing", [["plan", "-f", "-"]]],
  ["schema>x; image-promoter version", [["schema"], ["version"]]],
  ["init --environment a=1/b --output-file=-", [["init", "--environment", "a=1/b", "--output-file=-"]]],
  ["plan --image-path 'spec.parts[*].image'", [["plan", "--image-path", "spec.parts[*].image"]]],
  ["doctor && image-promoter plan || true", [["doctor"], ["plan"]]],
])("reads image-promoter %s", (script, lines) => {
  expect(commandLines(`image-promoter ${script}`, "image-promoter")).toEqual(lines);
});

it("finds the program in pipes, behind variables and prompts, and nowhere else", () => {
  const script = [
    "$ kustomize build . | image-promoter plan -f -",
    "PROMOTER_STRICT=true image-promoter plan",
    "echo image-promoter promote",
    "# image-promoter promote",
  ].join("\n");
  expect(commandLines(script, "image-promoter")).toEqual([["plan", "-f", "-"], ["plan"]]);
});
