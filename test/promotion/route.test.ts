import { describe, expect, it } from "vitest";
import { formatReference, parseReference } from "../../job/oci/reference.ts";
import {
  checkRoutes,
  isLeftOut,
  type RepositorySelection,
  type Route,
  routeImage,
} from "../../job/promotion/route.ts";

const at = (text: string) => {
  const [host = "", ...prefix] = text.split("/");
  return { host, prefix: prefix.join("/") };
};
const route = (to: string, ...from: string[]): Route => ({ to: at(to), from: from.map(at) });

describe("routeImage", () => {
  it.each([
    { image: "prod.test/app:1", routes: [route("prod.test", "dev.test")], sources: ["dev.test/app:1"] },
    {
      image: "prod.test/team/app:1",
      routes: [route("prod.test", "dev.test")],
      sources: ["dev.test/team/app:1"],
    },
    {
      image: "prod.test/p/app:1",
      routes: [route("prod.test/p", "dev.test/d/e")],
      sources: ["dev.test/d/e/app:1"],
    },
    { image: "prod.test/p/app:1", routes: [route("prod.test/p", "dev.test")], sources: ["dev.test/app:1"] },
    {
      image: "prod.test/app:1",
      routes: [route("prod.test", "s.test", "dev.test")],
      sources: ["s.test/app:1", "dev.test/app:1"],
    },
    { image: "prod.test/platform:1", routes: [route("prod.test/p", "dev.test")], sources: undefined },
    { image: "prod.test/p:1", routes: [route("prod.test/p", "dev.test")], sources: undefined },
    { image: "prod.test:5000/app:1", routes: [route("prod.test", "dev.test")], sources: undefined },
    {
      image: "prod.test/p/app:1",
      routes: [route("prod.test", "a.test"), route("prod.test/p", "b.test")],
      sources: ["b.test/app:1"],
    },
  ])("$image", ({ image, routes, sources }) => {
    expect(routeImage(parseReference(image), routes)?.map(formatReference)).toEqual(sources);
  });

  it("keeps tag and digest", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const [source] =
      routeImage(parseReference(`prod.test/app:1@${digest}`), [route("prod.test", "dev.test")]) ?? [];
    expect(source && formatReference(source)).toBe(`dev.test/app:1@${digest}`);
  });
});

describe("a route's selection", () => {
  const routesWith = (selection: RepositorySelection) => [
    { ...route("prod.test/p", "dev.test"), selection },
    route("prod.test", "other.test"),
  ];

  it.each<[string, RepositorySelection, boolean, boolean]>([
    ["prod.test/p/app:1", {}, true, false],
    ["prod.test/p/app:1", { include: ["app"] }, true, false],
    ["prod.test/p/app:1", { include: ["web", "a*"] }, true, false],
    ["prod.test/p/team/app:1", { include: ["team/*"] }, true, false],
    ["prod.test/p/app:1", { include: ["p/app"] }, false, false],
    ["prod.test/p/app:1", { include: [] }, false, false],
    ["prod.test/p/app:1", { exclude: ["app"] }, false, true],
    ["prod.test/p/app:1", { include: ["*"], exclude: ["a*"] }, false, true],
    ["prod.test/p/web:1", { include: ["*"], exclude: ["a*"] }, true, false],
    ["prod.test/app:1", { exclude: ["app"] }, true, false],
  ])("%s under %j", (image, selection, selected, leftOut) => {
    const routes = routesWith(selection);
    expect(routeImage(parseReference(image), routes) !== undefined).toBe(selected);
    expect(isLeftOut(parseReference(image), routes)).toBe(leftOut);
  });
});

describe("checkRoutes", () => {
  it("takes routes apart", () => {
    expect(() =>
      checkRoutes([route("prod.test", "dev.test"), route("prod.test/p", "dev.test")]),
    ).not.toThrow();
  });

  it.each([
    { why: "leads to itself", routes: [route("prod.test", "dev.test", "prod.test")] },
    { why: "has a twin", routes: [route("prod.test", "dev.test"), route("prod.test", "other.test")] },
  ])("refuses a route that $why", ({ routes }) => {
    expect(() => checkRoutes(routes)).toThrow(expect.objectContaining({ code: "InvalidConfiguration" }));
  });
});
