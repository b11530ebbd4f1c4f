import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../job/http-server/listener.ts";
import type { EnvironmentStatus } from "../../job/status/environment-status.ts";
import { statusPage } from "../../job/status/page.ts";
import { describeWithTool, requireTool } from "../tool.ts";
import { exampleStatus } from "./example-status.ts";

describe("the page", () => {
  it("holds everything that it needs, and names nothing to fetch", () => {
    const page = statusPage(exampleStatus(3));
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).not.toMatch(/\b(?:src|srcset|action|poster|background)=|@import|url\(|href="(?!data:,")/);
  });

  it("is the same for the same environments", () => {
    expect(statusPage(exampleStatus(30))).toBe(statusPage(exampleStatus(30)));
  });
});

describeWithTool("chromium", () => {
  let browser: Browser;
  let folder = "";
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: requireTool("chromium"), chromiumSandbox: false });
    folder = await mkdtemp(join(tmpdir(), "promoter-page-"));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The page as somebody opens it, and whatever it asks for or complains of. */
  async function opened(
    status: EnvironmentStatus,
    { hash = "", ...options }: BrowserContextOptions & { readonly hash?: string } = {},
  ) {
    const file = join(folder, `${status.modules.length}.html`);
    await writeFile(file, statusPage(status));
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    const address = `${pathToFileURL(file)}`;
    await context.addInitScript({ path: join(import.meta.dirname, "in-page.js") });
    await page.goto(`${address}${hash}`);
    return { page, asked, complaints, address, [Symbol.asyncDispose]: () => context.close() };
  }

  const modules = (page: Page) =>
    page.locator("tbody tr:visible > th").evaluateAll((cells) => cells.map((cell) => cell.textContent));

  it("asks nobody for anything, and its policy lets nothing else run", async () => {
    await using open = await opened(exampleStatus(3));
    const { page, asked, complaints, address } = open;
    expect(complaints).toEqual([]);
    expect(asked).toEqual([address]);
    const heard: unknown[] = [];
    await using elsewhere = await listen({ host: "127.0.0.1", port: 0 }, ({ url }, response) => {
      heard.push(url);
      response.end();
    });
    const violated = page.evaluate("violations(3)");
    const refused = await page.evaluate(`attack("http://127.0.0.1:${elsewhere.port}/")`);
    expect(refused).toContain("TypeError");
    expect(await page.title()).not.toBe("taken");
    expect(await violated).toEqual(["connect-src", "img-src", "script-src-elem"]);
    expect(heard).toEqual([]);
  });

  it("is searched by words of all that a module's cells say", async () => {
    await using open = await opened(exampleStatus(40));
    const { page } = open;
    const count = page.getByRole("status");
    expect(await count.textContent()).toBe("40 modules");
    await page.getByRole("searchbox", { name: "Search" }).fill("web-7 SHOP");
    expect(await modules(page)).toEqual(["team/module-7"]);
    expect(await count.textContent()).toBe("1 of 40 modules");
    await page.getByRole("searchbox").fill(`sha256:${(12).toString(16).padStart(62, "0")}`);
    expect(await modules(page)).toEqual(["team/module-12"]);
    await page.getByRole("searchbox").fill("nowhere");
    expect(await page.getByText("No module matches.").isVisible()).toBe(true);
  });

  it("shows what drifts or is behind, in the environments that are shown", async () => {
    await using open = await opened(exampleStatus(40));
    const { page } = open;
    await page.getByRole("radio", { name: "drifting" }).check();
    expect(await modules(page)).toEqual([7, 17, 27, 37].map((number) => `team/module-${number}`));
    await page.getByRole("radio", { name: "behind" }).check();
    expect(await modules(page)).toEqual([3, 13, 23, 33].map((number) => `team/module-${number}`));
    await page.getByRole("checkbox", { name: "production" }).uncheck();
    expect(await modules(page)).toEqual([]);
    expect(await page.getByRole("columnheader", { name: "production" }).count()).toBe(0);
    expect(await page.getByRole("columnheader", { name: "staging" }).isVisible()).toBe(true);
  });

  it("remembers in its address what was chosen, and takes it from there", async () => {
    await using open = await opened(exampleStatus(40));
    const { page } = open;
    await page.getByRole("searchbox").fill("module-1");
    await page.getByRole("radio", { name: "drifting" }).check();
    await page.getByRole("checkbox", { name: "development" }).uncheck();
    const { hash } = new URL(page.url());
    expect(hash).toBe("#q=module-1&show=drift&hide=development");
    await using again = await opened(exampleStatus(40), { hash });
    expect(await modules(again.page)).toEqual(["team/module-17"]);
    expect(await again.page.getByRole("checkbox", { name: "development" }).isChecked()).toBe(false);
    expect(again.complaints).toEqual([]);
  });

  it("is worked by keys alone", async () => {
    await using open = await opened(exampleStatus(40));
    const { page } = open;
    const focused = () => page.evaluate("focusedCell()");
    await page.keyboard.press("/");
    await page.keyboard.type("module-2");
    expect(await page.getByRole("searchbox").inputValue()).toBe("module-2");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toEqual(["team/module-2", 1]);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toEqual(["team/module-20", 2]);
    // Where there is no image there is nothing to open.
    for (let times = 0; times < 9; times++) await page.keyboard.press("ArrowDown");
    expect(await focused()).toEqual(["team/module-28", 2]);
    await page.keyboard.press("Enter");
    expect(await page.locator("details[open] dd").first().isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await modules(page)).toHaveLength(40);
  });

  it("is a table to whoever does not see it: with names of rows, columns and signs", async () => {
    await using open = await opened(exampleStatus(4));
    const { page } = open;
    expect(
      await page.getByRole("table", { name: "Modules, and their images in each environment" }).count(),
    ).toBe(1);
    expect(await page.getByRole("columnheader").count()).toBe(4);
    const row = page.getByRole("row", { name: /module-3/ });
    expect(await row.getByRole("rowheader").textContent()).toBe("team/module-3");
    expect(await row.getByRole("cell").nth(2).textContent()).toContain("older than staging (1.3.1)");
    for (const name of ["Show", "Environments"]) {
      expect(await page.getByRole("group", { name }).count()).toBe(1);
    }
  });

  it("can be read in light and in dark: every text has enough contrast", async () => {
    await using open = await opened(exampleStatus(40));
    const { page } = open;
    await page.locator("summary").first().click();
    const backgrounds = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate("poorContrasts(4.5)")).toEqual([]);
      backgrounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    expect(new Set(backgrounds).size).toBe(2);
  });

  it("is the whole table without script", async () => {
    await using open = await opened(exampleStatus(12), { javaScriptEnabled: false });
    const { page } = open;
    expect(await page.locator("tbody tr").count()).toBe(12);
    expect(await page.getByRole("searchbox").count()).toBe(0);
    await page.locator("summary").first().click();
    expect(await page.locator("details[open] dl").first().isVisible()).toBe(true);
  });

  it("works with a thousand modules", async () => {
    await using open = await opened(exampleStatus(1000));
    const { page, complaints } = open;
    const took = await page.evaluate('typingTime(["m", "mo", "module-99", "module-999"])');
    expect(await modules(page)).toEqual(["team/module-999"]);
    expect(complaints).toEqual([]);
    // Generous, for a machine that does much else: each key is answered before the next is pressed.
    expect(took).toBeLessThan(500);
  });

  it("shows what others named as text, whatever it looks like", async () => {
    const hostile = `x"><script>document.title="taken"</script><img src=http://127.0.0.1:9/ onerror=alert(1)>'&amp;\u202e{{at}}`;
    const status = exampleStatus(1, () => hostile);
    const errors = [{ code: "Denied", message: `</style></script>${hostile}`, temporary: false } as const];
    await using open = await opened({
      ...status,
      environments: status.environments.map((environment) => ({ ...environment, errors })),
    });
    const { page, asked, complaints, address } = open;
    expect(asked).toEqual([address]);
    expect(complaints).toEqual([]);
    expect(await page.title()).toContain("1 module");
    expect(await page.locator("img, script:not(body > script:last-child)").count()).toBe(0);
    expect(await page.content()).not.toContain("\u202e");
    expect(await modules(page)).toEqual([hostile.replace("\u202e", "\\u{202e}")]);
  });
});
