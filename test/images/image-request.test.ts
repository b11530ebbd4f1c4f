import { describe, expect, it } from "vitest";
import { formatOrigin, type Origin, uniqueRequests } from "../../job/images/image-request.ts";
import { parseReference } from "../../job/oci/reference.ts";

describe("formatOrigin", () => {
  it.each<[Origin, string]>([
    [{ source: "arguments" }, "arguments"],
    [{ source: "PROMOTER_IMAGES" }, "PROMOTER_IMAGES"],
    [{ source: "images.txt", line: 3, column: 5 }, "images.txt:3:5"],
    [{ source: "images.txt", line: 3 }, "images.txt:3"],
    [{ source: "-", line: 3, column: 5 }, "standard input:3:5"],
    [
      { source: "r.yaml", line: 1, column: 2, object: "Pod a/b", field: "spec.containers[0].image" },
      "r.yaml:1:2 (Pod a/b, spec.containers[0].image)",
    ],
    [{ source: "p.yaml", line: 1, column: 2, field: "images[0]" }, "p.yaml:1:2 (images[0])"],
  ])("%o is %s", (origin, text) => expect(formatOrigin(origin)).toBe(text));
});

describe("uniqueRequests", () => {
  const request = (image: string, source: string) => ({
    reference: parseReference(image),
    origin: { source },
  });

  it("keeps each image once, with its first origin, in order", () => {
    const requests = [request("a.b/x:1", "one"), request("a.b/y:1", "two"), request("a.b/x:1", "three")];
    expect(uniqueRequests(requests)).toEqual(requests.slice(0, 2));
  });

  it("takes different spellings of one image as one, and other tags and digests as others", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const images = [
      "nginx",
      "docker.io/library/nginx:latest",
      "nginx:1",
      `nginx@${digest}`,
      `nginx:1@${digest}`,
    ];
    expect(uniqueRequests(images.map((image) => request(image, image))).map((r) => r.origin.source)).toEqual([
      "nginx",
      "nginx:1",
      `nginx@${digest}`,
      `nginx:1@${digest}`,
    ]);
  });
});
