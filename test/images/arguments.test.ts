import { expect, it } from "vitest";
import { imagesInArguments } from "../../job/images/arguments.ts";

it("reads images in their order", () => {
  expect(imagesInArguments(["a.b/x:1", "c"])).toEqual([
    { reference: { host: "a.b", repository: "x", tag: "1" }, origin: { source: "arguments" } },
    {
      reference: { host: "docker.io", repository: "library/c", tag: "latest" },
      origin: { source: "arguments" },
    },
  ]);
});

it("refuses what is no image", () => {
  expect(() => imagesInArguments(["a.b/x:1", "IMAGE:TAG"])).toThrow(
    expect.objectContaining({ code: "InvalidReference" }),
  );
});
