import { describe, expect, it } from "vitest";
import { asDocuments, staleFiles, writeFiles } from "../../job/render/rendered-file.ts";

const files = [
  { path: "a.yaml", content: "a: 1\n" },
  { path: "templates/b.yaml", content: "b: 2\n" },
];

function missing(): Error {
  return Object.assign(new Error("no such file"), { code: "ENOENT" });
}

it("joins files as documents", () => {
  expect(asDocuments(files)).toBe("---\na: 1\n---\nb: 2\n");
});

it("writes files into a folder", async () => {
  const written = new Map<string, string>();
  await writeFiles(files, "out", async (path, text) => void written.set(path, text));
  expect([...written]).toEqual([
    ["out/a.yaml", "a: 1\n"],
    ["out/templates/b.yaml", "b: 2\n"],
  ]);
});

describe("staleFiles", () => {
  it("names what is missing and what differs", async () => {
    const read = async (path: string) => {
      if (path === "out/a.yaml") return "a: 0\n";
      throw missing();
    };
    expect(await staleFiles(files, "out", read)).toEqual(["a.yaml", "templates/b.yaml"]);
    expect(
      await staleFiles(files, "out", async (path) => (path.endsWith("a.yaml") ? "a: 1\n" : "b: 2\n")),
    ).toEqual([]);
  });

  it("does not take what it cannot read for missing", async () => {
    const denied = Object.assign(new Error("denied"), { code: "EACCES" });
    await expect(staleFiles(files, "out", () => Promise.reject(denied))).rejects.toBe(denied);
  });
});
