import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imagesInList, imagesInVariable } from "../../job/images/image-list.ts";
import { formatReference } from "../../job/oci/reference.ts";
import { imageText } from "./image-text.ts";
import { thrownBy } from "./thrown-by.ts";

const names = (requests: readonly { reference: Parameters<typeof formatReference>[0] }[]) =>
  requests.map(({ reference }) => formatReference(reference));

describe("imagesInList", () => {
  it("reads one image per line, with its place", () => {
    expect(imagesInList("a.b/x:1\n  a.b/y:2\n", "images.txt")).toEqual([
      {
        reference: { host: "a.b", repository: "x", tag: "1" },
        origin: { source: "images.txt", line: 1, column: 1 },
      },
      {
        reference: { host: "a.b", repository: "y", tag: "2" },
        origin: { source: "images.txt", line: 2, column: 3 },
      },
    ]);
  });

  it.each([
    ["nothing", "", []],
    ["blank lines", "\n \n\t\n", []],
    ["comments", "# one\n  # two\na.b/x:1 # three\n#a.b/y:1\n", ["a.b/x:1"]],
    ["a byte order mark and CRLF", "\uFEFFa.b/x:1\r\na.b/y:1\r\n", ["a.b/x:1", "a.b/y:1"]],
    ["no last line end", "a.b/x:1\na.b/y:1", ["a.b/x:1", "a.b/y:1"]],
  ])("reads %s", (_name, text, images) => expect(names(imagesInList(text, "f"))).toEqual(images));

  it("says where an image cannot be read", () => {
    expect(thrownBy(() => imagesInList("a.b/x:1\n\n  IMAGE:TAG # later\n", "images.txt"))).toMatchObject({
      code: "InvalidInput",
      message: [
        'images.txt:3:3: Cannot read the image "IMAGE:TAG": "IMAGE" is no repository name',
        "  3 |   IMAGE:TAG # later",
        "    |   ^^^^^^^^^",
      ].join("\n"),
      hint: expect.stringContaining("A repository name has"),
    });
  });

  it("takes a line with two words as one wrong image", () => {
    expect(thrownBy(() => imagesInList("a.b/x:1 a.b/y:1\n", "-")).message).toMatch(/^standard input:1:1: /);
  });

  it("reads back whatever list is written", () => {
    fc.assert(
      fc.property(fc.array(imageText()), (images) => {
        const text = images.map((image) => `  ${image} # why\r\n\n`).join("");
        expect(names(imagesInList(text, "f"))).toEqual(images);
      }),
    );
  });
});

describe("imagesInVariable", () => {
  it.each([
    ["one", "a.b/x:1", ["a.b/x:1"]],
    ["commas", "a.b/x:1,a.b/y:1", ["a.b/x:1", "a.b/y:1"]],
    ["spaces and line ends", " a.b/x:1  a.b/y:1\n\ta.b/z:1\r\n", ["a.b/x:1", "a.b/y:1", "a.b/z:1"]],
    ["both, and one comma too many", "a.b/x:1, a.b/y:1,\n", ["a.b/x:1", "a.b/y:1"]],
    ["comments", "# all of them\na.b/x:1 # one, two\n", ["a.b/x:1"]],
    ["nothing", " , \n", []],
  ])("reads %s", (_name, value, images) => {
    const requests = imagesInVariable(value, "PROMOTER_IMAGES");
    expect(names(requests)).toEqual(images);
    for (const { origin } of requests) expect(origin).toEqual({ source: "PROMOTER_IMAGES" });
  });

  it("names the variable when an image cannot be read", () => {
    expect(thrownBy(() => imagesInVariable("a.b/x:1,a.b/:1", "PROMOTER_IMAGES"))).toMatchObject({
      code: "InvalidInput",
      message: [
        'PROMOTER_IMAGES:1:9: Cannot read the image "a.b/:1": "" is no repository name',
        "  1 | a.b/x:1,a.b/:1",
        "    |         ^^^^^^",
      ].join("\n"),
    });
  });
});
