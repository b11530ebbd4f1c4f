import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAudit } from "../../scripts/audit.ts";
import { runProgram } from "../integration/run-tool.ts";

const clean = { auditReportVersion: 2, vulnerabilities: {}, metadata: {} };
const finding = { name: "undici", severity: "high", range: "<8.5.0", via: [] };
const vulnerable = { auditReportVersion: 2, vulnerabilities: { undici: finding }, metadata: {} };
const unavailable = { message: "405 Method Not Allowed - POST https://packages.example.com/audit" };

describe("readAudit", () => {
  it.each([
    [clean, { kind: "clean" }],
    [vulnerable, { kind: "vulnerable", findings: ["high: undici <8.5.0"] }],
    [unavailable, { kind: "unavailable", reason: "405 Method Not Allowed - POST the registry" }],
    [{}, { kind: "unavailable" }],
    [{ vulnerabilities: {} }, { kind: "unavailable" }],
    [[], { kind: "unavailable" }],
  ])("takes %j for what it is", (output, verdict) => {
    expect(readAudit(JSON.stringify(output))).toMatchObject(verdict);
  });

  it("never takes silence for a clean report", () => {
    expect(readAudit("")).toMatchObject({ kind: "unavailable" });
  });
});

describe("scripts/audit.ts", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "promoter-audit-"));
    await writeFile(join(folder, "npm"), '#!/bin/sh\necho "$ANSWER"\nexit 1\n');
    await chmod(join(folder, "npm"), 0o755);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (answer: object, more: Readonly<Record<string, string>> = {}) =>
    runProgram(process.execPath, [resolve("scripts/audit.ts")], {
      env: { PATH: `${folder}:${process.env.PATH}`, ANSWER: JSON.stringify(answer), ...more },
    });

  it("fails on findings", async () => {
    expect(await run(vulnerable)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("undici <8.5.0"),
    });
  });

  it("passes without", async () => {
    expect(await run(clean)).toMatchObject({ code: 0, stderr: "" });
  });

  it("says loudly that nothing is known where nobody answers, and fails there when told to", async () => {
    const said = expect.stringMatching(/^!! NOT AUDITED/);
    expect(await run(unavailable)).toMatchObject({ code: 0, stderr: said });
    expect(await run(unavailable, { REQUIRE_AUDIT: "1" })).toMatchObject({ code: 1, stderr: said });
  });
});
