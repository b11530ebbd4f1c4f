import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorTerminationMessage, terminationMessage } from "../../job/report/termination-message.ts";
import { copied, failed, host, image, kept, report, upToDate } from "./example-report.ts";

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe("terminationMessage", () => {
  it("says failures first, then warnings, then the whole", () => {
    expect(terminationMessage(report([copied, kept, upToDate, failed]))).toBe(
      `FAILED team/api:9 TagImmutable: Cannot put the tag "9": it is immutable and stands for another image
  Promote another tag
WARNING team/old:1: The source has no image any more
4 images: 1 copied, 1 up to date, 1 kept, 1 failed, 24.1 MiB, 3.0 MiB mounted in 1.2 s
`,
    );
  });

  it("is the summary where all went well", () => {
    expect(terminationMessage(report([upToDate]))).toBe("1 image: 1 up to date in 1.2 s\n");
  });

  it("counts what has no room, and keeps the summary", () => {
    const many = Array.from({ length: 200 }, (_, number) => ({
      ...failed,
      destination: `${host}/app-${number}:1`,
    }));
    const message = terminationMessage(report(many));
    expect(bytes(message)).toBeLessThanOrEqual(4096);
    expect(bytes(message)).toBeGreaterThan(3800);
    const shown = message.match(/^FAILED/gm)?.length ?? 0;
    expect(message).toContain(`\n… and ${200 - shown} more\n200 images: 200 failed in 1.2 s\n`);
  });

  it("has at most 4,096 bytes, of whole characters, whatever the messages", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "é", "界", "👩‍🚀", "\ud83d", "\n"),
      maxLength: 3_000,
    });
    const images = fc.array(fc.record({ message: text, hint: text, warnings: fc.array(text) }));
    fc.assert(
      fc.property(images, (failures) => {
        const message = terminationMessage(
          report(
            failures.map(({ message, hint, warnings }, number) =>
              image({
                destination: `${host}/app-${number}:1`,
                status: "failed",
                warnings,
                error: { code: "Denied", message, hint, temporary: false },
              }),
            ),
          ),
        );
        expect(bytes(message)).toBeLessThanOrEqual(4096);
        expect(message.isWellFormed()).toBe(true);
        expect(message).not.toContain("\ufffd");
      }),
      { numRuns: 50 },
    );
  });
});

describe("errorTerminationMessage", () => {
  it("says what went wrong and what to do", () => {
    const error = { code: "Usage", message: "No route\u001b[2J", hint: "Give --from" } as const;
    expect(errorTerminationMessage(error)).toBe("FAILED Usage: No route\\u{1b}[2J\n  Give --from\n");
  });

  it("is cut between characters", () => {
    const message = errorTerminationMessage({ code: "Internal", message: "界".repeat(5_000) });
    expect(bytes(message)).toBeLessThanOrEqual(4096);
    expect(message).toMatch(/^FAILED Internal: 界+…$/);
  });
});
