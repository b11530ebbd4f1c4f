import { describe, expect, it } from "vitest";
import type { GateReport } from "../../job/promotion/report.ts";
import { findingLine, gatesWithFindings, passedGates } from "../../job/report/gate-words.ts";
import { formatMarkdown } from "../../job/report/markdown.ts";
import { formatText } from "../../job/report/text.ts";
import { copied, failed, image, report } from "./example-report.ts";

const signature: GateReport = {
  gate: "signature",
  passed: true,
  detail: "signed by cosign.pub",
  findings: [],
};
const clean: GateReport = { gate: "scan", passed: true, detail: "no findings in 2 manifests", findings: [] };
const severe: GateReport = {
  gate: "scan",
  passed: false,
  detail: "22 HIGH, 1 LOW findings in 1 manifest",
  findings: Array.from({ length: 22 }, (_, n) => ({
    id: `CVE-${n}\u001b[31m`,
    severity: "HIGH",
    subject: "openssl 3.0.1",
    fixedIn: "3.0.2",
    ignored: n === 0,
  })),
};

describe("what reports say of gates", () => {
  it("is one word for each that was passed", () => {
    expect(passedGates({ gates: [signature, clean] })).toBe("signature and scan passed");
    expect(passedGates({ gates: [signature, severe] })).toBeUndefined();
    expect(passedGates({})).toBeUndefined();
    const text = formatText(report([{ ...copied, gates: [signature, clean] }]), { color: false });
    expect(text).toContain("2 referrers, signature and scan passed)");
    expect(text).not.toContain("no findings");
  });

  it("is a line for findings, whatever else is wrong", () => {
    expect(gatesWithFindings({ gates: [signature, clean, severe] })).toEqual([severe]);
    const text = formatText(report([{ ...failed, gates: [signature, severe] }]), { color: false });
    expect(text).toContain("    scan: 22 HIGH, 1 LOW findings in 1 manifest\n");
    expect(text).not.toContain("CVE-21");
  });

  it("is the first findings in Markdown, and how many more there are", () => {
    const markdown = formatMarkdown(report([image({ destination: "a.example/b:1", gates: [severe] })]));
    expect(markdown).toContain("<summary>22 findings</summary>");
    expect(markdown).toMatch(/HIGH CVE-19\S* in openssl 3\S*0\S*1, fixed in/);
    expect(markdown).not.toContain("CVE-20");
    expect(markdown).toContain("and 2 more findings");
    expect(markdown).not.toContain("\u001b");
  });

  it("names severity, package, remedy, and that it is ignored", () => {
    const [first] = severe.findings;
    expect(first && findingLine({ ...first, id: "CVE-0" })).toBe(
      "HIGH CVE-0 in openssl 3.0.1, fixed in 3.0.2, ignored",
    );
    expect(findingLine({ id: "CVE-1", ignored: false })).toBe("CVE-1");
  });
});
