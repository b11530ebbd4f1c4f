import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { eventSettings } from "../job/config/event-setting-table.ts";
import { loadConfiguration } from "../job/config/load.ts";
import { settings } from "../job/config/setting-table.ts";
import { statusSettings } from "../job/config/status-setting-table.ts";
import { syncSettings } from "../job/config/sync-setting-table.ts";
import { updateSettings } from "../job/config/update-setting-table.ts";
import { serveSettings } from "../job/config/webhook-setting-table.ts";
import { chartValues } from "../job/render/chart-values.ts";
import { programCommand } from "../scripts/reference/command-help.ts";
import { referencePages } from "../scripts/reference/pages.ts";
import { anchorsOf, type CodeBlock, codeBlocks, type Page, prose, readPages } from "./docs/markdown.ts";
import { commandLines } from "./docs/shell-line.ts";
import { runCommand } from "./scenarios/command-run.ts";

let pages: readonly Page[];
let blocks: readonly CodeBlock[];
beforeAll(async () => {
  pages = await readPages();
  blocks = pages.flatMap(codeBlocks);
});

describe("docs", () => {
  it("are there", () => expect(pages.length).toBeGreaterThan(10));

  it("link to what is there", () => {
    const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => {
          const [path = "", anchor] = link.split("#");
          const target = path === "" ? page.path : join(dirname(page.path), path);
          if (!existsSync(target)) return true;
          return anchor !== undefined && anchors.get(target)?.has(anchor) !== true;
        })
        .map((link) => `${page.path}: ${link}`),
    );
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(20);
    expect(broken).toEqual([]);
  });

  it("call the chart's template only where the dependency is enabled", () => {
    const calls = blocks.filter(({ language, code }) => language === "yaml" && code.includes("forImages"));
    expect(calls.length).toBeGreaterThan(1);
    // Helm leaves the templates of a disabled dependency out, and calling one that is not there fails.
    expect(calls.map(({ code }) => code)).toEqual(calls.map(() => expect.stringContaining('"enabled"')));
  });

  it("show command lines that can be run", async () => {
    const lines = blocks
      .filter(({ language }) => ["sh", "bash", "console"].includes(language))
      .flatMap(({ page, line, code }) =>
        commandLines(code, "image-promoter").map((args) => ({ place: `${page}:${line}`, args })),
      );
    const inline = pages.flatMap((page) =>
      [...prose(page).matchAll(/`(image-promoter [^`<…]*)`/g)].flatMap((match) =>
        commandLines(match[1] ?? "", "image-promoter").map((args) => ({ place: page.path, args })),
      ),
    );
    const wrong = await Promise.all(
      [...lines, ...inline].map(async ({ place, args }) => {
        const fault = await faultOf(args);
        return fault === undefined ? [] : [`${place}: image-promoter ${args.join(" ")}: ${fault}`];
      }),
    );
    expect(lines.length).toBeGreaterThan(20);
    expect(wrong.flat()).toEqual([]);
  });

  it("show YAML and JSON that can be read, and configurations that are right", () => {
    const faults = blocks.flatMap(({ page, line, language, code }) => {
      try {
        if (language === "json") JSON.parse(code);
        if (language === "yaml" && !code.includes("{{")) checkYaml(code);
        return [];
      } catch (error) {
        return [`${page}:${line}: ${error instanceof Error ? error.message : error}`];
      }
    });
    expect(blocks.filter(({ language }) => language === "yaml").length).toBeGreaterThan(10);
    expect(faults).toEqual([]);
  });

  it("name no variable that is not read", () => {
    const all = Object.values({
      ...settings,
      ...eventSettings,
      ...syncSettings,
      ...updateSettings,
      ...serveSettings,
      ...statusSettings,
    });
    const known = new Set([...all.map(({ variable }) => variable), "PROMOTER_IMAGES"]);
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\bPROMOTER_\w+/g)].flatMap(([name]) =>
        known.has(name) ? [] : [`${path}: ${name}`],
      ),
    );
    expect(unknown).toEqual([]);
  });

  it("name no error code that there is not", async () => {
    const codes = new Set(
      [...(await readFile("docs/errors.md", "utf8")).matchAll(/^### `(\w+)`/gm)].map((m) => m[1]),
    );
    const troubles = await readFile("docs/troubleshooting.md", "utf8");
    const [, credentials = ""] = troubles.split("## Credentials in the pod");
    const named = [...credentials.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((code) => !codes.has(code))).toEqual([]);
  });

  it("are current where they follow from the code (npm run generate)", async () => {
    for (const { path, content } of await referencePages("docs")) {
      expect(await readFile(`docs/${path}`, "utf8"), path).toBe(content);
    }
  });
});

describe("the policies of docs/getting-started.md are what its commands write", () => {
  let guide: readonly CodeBlock[];
  const files = new Map<string, unknown>();
  beforeAll(async () => {
    guide = blocks.filter(({ page }) => page === "docs/getting-started.md");
    const configuration = guide.find(({ code }) => code.includes("kind: Promoter"))?.code ?? "";
    const renders = guide
      .flatMap(({ language, code }) => (language === "sh" ? commandLines(code, "image-promoter") : []))
      .filter(([command, target]) => command === "render" && target === "policies");
    for (const args of renders) {
      const { written } = await runCommand(args, { files: { "promoter.yaml": configuration } });
      for (const [path, text] of written)
        files.set(`${args.includes("--oidc-provider")} ${path}`, JSON.parse(text));
    }
  });

  it.each([
    ["PushToDestinations", "false policies/destination-222222222222/identity-policy.json"],
    ["pods.eks.amazonaws.com", "false policies/destination-222222222222/trust-policy.json"],
    ["AssumeRoleWithWebIdentity", "true policies/destination-222222222222/trust-policy.json"],
  ])("the one with %s", (word, file) => {
    const block = guide.find(({ language, code }) => language === "json" && code.includes(word));
    expect(JSON.parse(block?.code ?? "null")).toEqual(files.get(file));
  });

  it("the statement of the source's repositories", () => {
    const block = guide.find(({ language, code }) => language === "json" && code.includes("Principal"));
    expect(files.get("false policies/source-111111111111-eu-west-1/repository-policy.json")).toMatchObject({
      Statement: [JSON.parse(block?.code ?? "null")],
    });
  });
});

/** Links to files and to places in pages, not those to other sites. */
function linksOf(page: Page): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^[a-z]+:/.test(link));
}

async function faultOf(args: readonly string[]): Promise<string | undefined> {
  try {
    await programCommand().parseAsync(args, { from: "user" });
    return undefined;
  } catch (error) {
    const { exitCode, message } = error as { readonly exitCode?: number; readonly message: string };
    return exitCode === 0 ? undefined : message;
  }
}

function checkYaml(code: string): void {
  for (const document of parseAllDocuments(code)) {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    if (!isFields(value)) continue;
    if (value.kind === "Promoter") loadConfiguration(code, "block");
    // Values of the chart, as its own or as those of a dependency.
    if (isFields(value["image-promoter"])) chartValues(value["image-promoter"], "block");
    if ("hook" in value || "serviceAccount" in value || "cronJob" in value) chartValues(value, "block");
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
