import { describe, expect, it } from "vitest";
import { destinationsOf, type Ways } from "../../job/events/destinations.ts";
import { formatReference } from "../../job/oci/reference.ts";
import type { RegistryPrefix, Route } from "../../job/promotion/route.ts";
import type { ReplicationRule } from "../../job/replication/rule.ts";

const place = (host: string, prefix = ""): RegistryPrefix => ({ host, prefix });
const route = (to: RegistryPrefix, ...from: RegistryPrefix[]): Route => ({ to, from });
const rule = (given: Partial<ReplicationRule>): ReplicationRule => ({
  name: "rule",
  repositories: ["*"],
  exclude: [],
  tags: {},
  ...given,
});
const [dev, staging, prod] = ["dev.example.com", "staging.example.com", "prod.example.com"];

function ends(ways: Partial<Ways>, repository = "team/app", tag = "1.2") {
  const { routed, destinations } = destinationsOf(
    { host: dev, repository, tag },
    { routes: [], rules: [], ...ways },
  );
  return { routed, to: destinations.map(formatReference) };
}

describe("where a push leads", () => {
  it.each<[string, Partial<Ways>, { routed: boolean; to: string[] }]>([
    [
      "by a route",
      { routes: [route(place(prod), place(dev))] },
      { routed: true, to: [`${prod}/team/app:1.2`] },
    ],
    [
      "by every route that begins there",
      { routes: [route(place(staging), place(dev)), route(place(prod), place(staging), place(dev))] },
      { routed: true, to: [`${staging}/team/app:1.2`, `${prod}/team/app:1.2`] },
    ],
    [
      "with prefixes replaced",
      { routes: [route(place(prod, "live"), place(dev, "team"))] },
      { routed: true, to: [`${prod}/live/app:1.2`] },
    ],
    ["not by others", { routes: [route(place(prod), place(staging))] }, { routed: false, to: [] }],
    [
      "not where a longer prefix has another source",
      { routes: [route(place(prod), place(dev)), route(place(prod, "team"), place(staging))] },
      { routed: false, to: [] },
    ],
    [
      "not where a selection leaves it out",
      { routes: [{ ...route(place(prod), place(dev)), selection: { exclude: ["team/*"] } }] },
      { routed: false, to: [] },
    ],
    [
      "as far as a rule admits it",
      {
        routes: [route(place(prod), place(dev))],
        rules: [rule({ tags: { include: ["2.*"] } }), rule({ repositories: ["other/*"] })],
      },
      { routed: true, to: [] },
    ],
    [
      "once, when several rules admit it",
      { routes: [route(place(prod), place(dev))], rules: [rule({}), rule({ tags: { include: ["1.*"] } })] },
      { routed: true, to: [`${prod}/team/app:1.2`] },
    ],
    [
      "by a rule's own way",
      { rules: [rule({ route: route(place(prod, "mirror"), place(dev)), repositories: ["team/app"] })] },
      { routed: true, to: [`${prod}/mirror/team/app:1.2`] },
    ],
  ])("%s", (_, ways, expected) => {
    expect(ends(ways)).toEqual(expected);
  });
});
