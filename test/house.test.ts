import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  arrowsHold,
  filesAreNamed,
  filesAreShort,
  functionsAreShort,
  lineCount,
  namesHaveOneHome,
  noCycles,
  type Rule,
  theWorldIsHandedIn,
} from "./house/rules.ts";
import { parseSource, readSources, type Source } from "./house/source.ts";

let job: readonly Source[];
beforeAll(async () => {
  job = await readSources("job");
});

const rules: Readonly<Record<string, Rule>> = {
  arrowsHold,
  noCycles,
  namesHaveOneHome,
  filesAreNamed,
  filesAreShort,
  functionsAreShort,
  theWorldIsHandedIn,
};

/** Each rule with a small house that breaks it, to prove that it can fail. */
const broken: readonly [name: string, rule: Rule, house: Record<string, string>, offence: RegExp][] = [
  [
    "imports follow the arrows",
    arrowsHold,
    {
      "job/main.ts": 'import "./cli.ts";',
      "job/cli.ts": 'import "./parts.ts";',
      "job/parts.ts": 'await import("./promotion/copy.ts");',
      "job/promotion/copy.ts": 'import { request } from "node:http";',
    },
    /main\.ts -> job\/cli\.ts -> job\/parts\.ts -> job\/promotion\/copy\.ts -> node:http$/,
  ],
  [
    "the AWS SDK is loaded only when it is reached",
    arrowsHold,
    { "job/ecr/client.ts": 'import { type ECRClientConfig, ECRClient } from "@aws-sdk/client-ecr";' },
    /@aws-sdk\/client-ecr \(static\)/,
  ],
  [
    "types do not open the way for values",
    arrowsHold,
    { "job/report/text.ts": 'import { promote } from "../promotion/promote.ts";' },
    /may not import job\/promotion\/promote\.ts/,
  ],
  ["every file has its place", arrowsHold, { "job/cache/lru.ts": "" }, /lru\.ts is in no part/],
  [
    "imports make no circle",
    noCycles,
    { "job/oci/a.ts": 'import type { B } from "./b.ts";', "job/oci/b.ts": 'import { a } from "./a.ts";' },
    /^job\/oci\/a\.ts -> job\/oci\/b\.ts -> job\/oci\/a\.ts$/,
  ],
  ["there is no default export", namesHaveOneHome, { "job/a.ts": "export default 1;" }, /default/],
  ["nothing is exported again", namesHaveOneHome, { "job/a.ts": 'export { b } from "./b.ts";' }, /another/],
  ["there is no barrel", namesHaveOneHome, { "job/a.ts": 'export * from "./b.ts";' }, /all of another/],
  ["files are named for ideas", filesAreNamed, { "job/oci/utils.ts": "" }, /utils\.ts/],
  ["files are named in kebab case", filesAreNamed, { "job/oci/mediaType.ts": "" }, /mediaType/],
  ["files are short", filesAreShort, { "job/a.ts": "// line\n".repeat(251) }, /251 lines/],
  [
    "functions are short",
    functionsAreShort,
    { "job/a.ts": `const a = {\n  b() {\n${"    1;\n".repeat(59)}  },\n};\n` },
    /a\.ts:2 is a function of 61 lines/,
  ],
  ["the process is handed in", theWorldIsHandedIn, { "job/a.ts": "f(process.env);" }, /a\.ts:1 uses process/],
  [
    "the console is handed in",
    theWorldIsHandedIn,
    { "job/a.ts": "\nconsole.log(1);" },
    /a\.ts:2 uses console/,
  ],
  ["the time is handed in", theWorldIsHandedIn, { "job/a.ts": "f(Date.now(), new Date());" }, /Date/],
  ["chance is handed in", theWorldIsHandedIn, { "job/a.ts": "const f = Math.random;" }, /Math\.random/],
];

it.each(Object.entries(rules))("job/ keeps the rule %s", (_name, rule) => {
  expect(rule(job)).toEqual([]);
});

it.each(broken)("a house is refused unless %s", (_name, rule, house, offence) => {
  const offences = rule(Object.entries(house).map(([path, text]) => parseSource(path, text)));
  expect(offences).toContainEqual(expect.stringMatching(offence));
});

it("leaves members alone that only share the name of the process", () => {
  const source = parseSource("job/a.ts", "f(host.process, { console: 1 }); new Date(clock.now());");
  expect(theWorldIsHandedIn([source])).toEqual([]);
});

it("keeps the median file under 90 lines", () => {
  const lines = job.map(({ text }) => lineCount(text)).sort((a, b) => a - b);
  const at = (part: number) => lines[Math.floor((lines.length - 1) * part)] ?? 0;
  console.log(
    `job/: ${lines.length} files, median ${at(0.5)} lines, nine in ten under ${at(0.9)}, longest ${at(1)}`,
  );
  expect(at(0.5)).toBeLessThanOrEqual(90);
  expect(at(0.9)).toBeLessThanOrEqual(200);
});

it("explains every error code, and no other, in docs/errors.md", async () => {
  const union = /export type ErrorCode =(?<codes>[^;]*);/.exec(await readFile("job/error.ts", "utf8"))?.groups
    ?.codes;
  const codes = [...(union ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1]);
  const explained = [...(await readFile("docs/errors.md", "utf8")).matchAll(/^### `(\w+)`/gm)].map(
    (match) => match[1],
  );
  expect(codes.length).toBeGreaterThan(0);
  expect(explained.toSorted()).toEqual(codes.toSorted());
});

it("gives every test in a folder of job/ the file that it is about", () => {
  const tests = globSync("test/*/**/*.test.ts").filter((test) => existsSync(jobFolderOf(test)));
  const strays = tests.filter((test) => !subjectsOf(test).some((subject) => existsSync(subject)));
  expect(tests.length).toBeGreaterThan(0);
  expect(strays).toEqual([]);
});

/** `digest.ts` for `digest.test.ts`; for a test of one side of it, as `digest-stream.test.ts`, also `digest-stream.ts`. */
function subjectsOf(test: string): string[] {
  const words = basename(test, ".test.ts").split(/[-.]/);
  return words.map((_, index) => `${jobFolderOf(test)}/${words.slice(0, index + 1).join("-")}.ts`);
}

function jobFolderOf(test: string): string {
  return dirname(test).replace(/^test/, "job");
}

describe("text", () => {
  /** The patterns are written so that they do not find themselves. */
  const unwanted: readonly [what: string, pattern: RegExp][] = [
    ["a promise to do it later", /\b(TO)DO\b|\b(FIX)ME\b|\b(X)XX\b/],
    [
      "a path of one machine",
      /(?<![\w.])\/(work|root|Users|home\/(?!me\b|ci\b|nonroot\b|argocd\b|user\b|build\b)\w+)\/[\w.]/,
    ],
    [
      "the host of a package registry",
      /registry\.npmjs[.]|proxy\.golang[.]|\bpypi[.]org|files\.pythonhosted[.]/,
    ],
  ];

  const written = [
    "{job,scripts,test,docs,templates,.github}/**/*.{ts,sh,md,yml,yaml,json,hbs}",
    "{.ci/run,Dockerfile,*.md,*.json,*.ts}",
  ];

  it.each(unwanted)("holds not %s", async (_what, pattern) => {
    const files = globSync(written, { exclude: ["package-lock.json"] });
    const texts = await Promise.all(
      files.sort().map(async (file) => ({ file, text: await readFile(file, "utf8") })),
    );
    const found = texts.flatMap(({ file, text }) =>
      text
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });
});
