import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChallenges } from "../../job/registry/challenge.ts";

function read(...headers: string[]) {
  return parseChallenges(headers).map(({ scheme, parameters, token68 }) => [
    scheme,
    token68 ?? Object.fromEntries(parameters),
  ]);
}

describe("parseChallenges", () => {
  it.each<[string, string[], unknown[]]>([
    [
      "the challenge of a token service",
      [
        'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      ],
      [
        [
          "bearer",
          {
            realm: "https://auth.example/token",
            service: "registry.example",
            scope: "repository:a/b:pull,push",
          },
        ],
      ],
    ],
    [
      "the challenge of ECR",
      ['Basic realm="https://1.example/",service="ecr.amazonaws.com"'],
      [["basic", { realm: "https://1.example/", service: "ecr.amazonaws.com" }]],
    ],
    [
      "several in one header",
      ['Basic realm="a, b", Bearer realm=c, service=d'],
      [
        ["basic", { realm: "a, b" }],
        ["bearer", { realm: "c", service: "d" }],
      ],
    ],
    [
      "several headers",
      ["Basic realm=a", "Bearer realm=b"],
      [
        ["basic", { realm: "a" }],
        ["bearer", { realm: "b" }],
      ],
    ],
    ["escapes in quotes", ['Basic realm="a\\"b\\\\c\\d"'], [["basic", { realm: 'a"b\\cd' }]]],
    ["an empty quoted text", ['Basic realm=""'], [["basic", { realm: "" }]]],
    ["a scheme alone", ["Negotiate"], [["negotiate", {}]]],
    [
      "a scheme alone before another",
      ["Negotiate, Basic realm=a"],
      [
        ["negotiate", {}],
        ["basic", { realm: "a" }],
      ],
    ],
    [
      "token68 with its padding",
      ["Negotiate YWJj/+-._~==, Basic realm=a"],
      [
        ["negotiate", "YWJj/+-._~=="],
        ["basic", { realm: "a" }],
      ],
    ],
    [
      "blanks around the equals sign",
      ['Basic realm = "a" , charset\t=\tUTF-8'],
      [["basic", { realm: "a", charset: "UTF-8" }]],
    ],
    ["empty elements", [", ,Basic realm=a,, ,charset=b,", ""], [["basic", { realm: "a", charset: "b" }]]],
    ["names in any case", ["BEARER Realm=a, SERVICE=b"], [["bearer", { realm: "a", service: "b" }]]],
    ["a parameter said twice", ["Basic realm=a, realm=b", "Bearer realm=c"], [["bearer", { realm: "c" }]]],
    [
      "quotes that do not end",
      ['Basic realm=a, Bearer realm="b', "Digest x=y"],
      [
        ["basic", { realm: "a" }],
        ["digest", { x: "y" }],
      ],
    ],
    ["parameters without a comma", ["Basic realm=a service=b"], []],
    ["a line break in quotes", ['Basic realm="a\nb"'], []],
    ["nothing that is a challenge", ['="', '"', "=", "  "], []],
  ])("reads %s", (_name, headers, expected) => {
    expect(read(...headers)).toEqual(expected);
  });

  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
  const text = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  });
  const challenge = fc.record({
    scheme: token,
    parameters: fc.uniqueArray(
      fc.tuple(
        token.map((name) => name.toLowerCase()),
        text,
      ),
      { minLength: 1, maxLength: 5, selector: ([name]) => name },
    ),
  });

  it("reads whatever is written by the grammar", () => {
    fc.assert(
      fc.property(
        fc.array(challenge, { maxLength: 5 }),
        fc.constantFrom(",", " , ", ",,\t"),
        (challenges, comma) => {
          const written = challenges.map(
            ({ scheme, parameters }) =>
              `${scheme} ${parameters.map(([name, value]) => `${name}="${value.replace(/["\\]/g, "\\$&")}"`).join(comma)}`,
          );
          expect(read(written.join(comma))).toEqual(
            challenges.map(({ scheme, parameters }) => [
              scheme.toLowerCase(),
              Object.fromEntries(parameters),
            ]),
          );
        },
      ),
    );
  });

  it("never throws", () => {
    const alphabet = fc.constantFrom(
      "a",
      "B",
      "=",
      '"',
      "\\",
      ",",
      " ",
      "\t",
      "é",
      "\0",
      "\u{1f600}",
      "Basic ",
    );
    fc.assert(
      fc.property(fc.array(fc.string({ unit: alphabet })), (headers) => void parseChallenges(headers)),
    );
  });

  it.each(["a ", "a,", "a=", 'a="', "\\", "a=b,", " ", "=", 'a="\\"'])(
    "takes linear time for many %j",
    (piece) => {
      const timed = (count: number) => {
        const header = `Basic x="${piece.repeat(count)}`;
        const bare = `Basic ${piece.repeat(count)}`;
        const before = performance.now();
        parseChallenges([header, bare]);
        return performance.now() - before;
      };
      // 400,000 characters in quadratic time would take minutes.
      expect(timed(100_000)).toBeLessThan(2000);
    },
  );
});
