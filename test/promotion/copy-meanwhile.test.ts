import { expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { image } from "./memory-image.ts";
import { world } from "./world.ts";

const app = "prod.test/app:1";

it("copies an image while what is attached to it is still being looked for", async () => {
  const w = world();
  const root = image(w.dev.repository("app"), { layers: ["layer"], tag: "1" });
  image(w.dev.repository("app"), { layers: ["sbom"], subject: root.descriptor });
  const pushed = Promise.withResolvers<void>();
  w.prod.fault = ({ verb }) => {
    if (verb === "pushBlob") pushed.resolve();
  };
  w.dev.fault = async ({ verb }) => {
    if (verb === "referrers") await pushed.promise;
  };
  expect(await w.promoteOne(app)).toMatchObject({ status: "copied", referrers: 1, warnings: [] });
  expect(w.prod.repository("app").tags.get("1")).toBe(root.descriptor.digest);
});

it("puts no tag when nobody could say what is attached", async () => {
  const w = world();
  image(w.dev.repository("app"), { layers: ["layer"], tag: "1" });
  w.dev.fault = ({ verb }) => {
    if (verb === "referrers") throw new PromoterError("Unavailable", "503", { temporary: true });
  };
  expect(await w.promoteOne(app)).toMatchObject({ status: "failed", error: { code: "Unavailable" } });
  expect(w.prod.repository("app").tags.size).toBe(0);
});

it("fetches what an index names before the destination has said whether it has the index", async () => {
  const w = world();
  const root = image(w.dev.repository("app"), { layers: ["layer"], tag: "1" });
  const fetched = Promise.withResolvers<void>();
  w.dev.fault = ({ verb, target }) => {
    if (verb === "fetchManifest" && target === "1") fetched.resolve();
  };
  w.prod.fault = async ({ verb, target }) => {
    if (verb === "resolve" && target === root.descriptor.digest) await fetched.promise;
  };
  expect(await w.promoteOne(app)).toMatchObject({ status: "copied" });
  expect(w.dev.calls.filter(({ verb }) => verb === "fetchManifest")).toHaveLength(1);
});

it("asks for the head first where that is the better question: manifests are counted, or nothing proves them", async () => {
  const w = world({ prefersHead: true });
  image(w.dev.repository("app"), { layers: ["layer"], tag: "1" });
  expect(await w.promoteOne(app)).toMatchObject({ status: "copied" });
  w.dev.calls.length = 0;
  expect(await w.promoteOne(app)).toMatchObject({ status: "up-to-date" });
  expect(w.dev.calls.map(({ verb }) => verb)).toEqual(["resolve"]);
});
