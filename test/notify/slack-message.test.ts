import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { failureOf } from "../../job/notify/announcement.ts";
import { escapeSlack, slackMessage } from "../../job/notify/slack-message.ts";
import { copied, host, image, report, upToDate } from "../report/example-report.ts";

const wicked =
  "<!channel> <https://evil.example|click> *bold* _it_ `code` :tada: @here &amp; \u202etxt.exe\n> quote";
const failed = image({
  destination: `${host}/team/api:1`,
  status: "failed",
  error: { code: "Denied", message: wicked, hint: wicked, temporary: false },
});

describe("slackMessage", () => {
  it("says what was done, worst first, and leaves out what stayed as it was", () => {
    const message = slackMessage(report([upToDate, copied, failed]), { environment: "production" });
    const [{ elements }] = message.blocks;
    expect(message.text).toMatch(
      /^❌ Promotion to production failed: 3 images: 1 copied, 1 up to date, 1 failed/,
    );
    const list = elements.find(({ type }) => type === "rich_text_list");
    const items = JSON.parse(JSON.stringify(list)).elements.map((item: { elements: { text: string }[] }) =>
      item.elements.map(({ text }) => text).join(""),
    );
    expect(items).toEqual([
      expect.stringMatching(/^failed team\/api:1\nDenied: /),
      "copied team/app:1.2.3 sha256:a1b2c3d4a1b2, 24.1 MiB",
    ]);
  });

  it("holds foreign text only where Slack reads no markup", () => {
    const message = slackMessage(report([failed]), { application: wicked });
    expect(message.mrkdwn).toBe(false);
    expect(message.text).not.toMatch(/[<>]/);
    const leaves: Record<string, unknown>[] = [];
    JSON.stringify(message.blocks, (_key, value) => {
      if (typeof value?.text === "string") leaves.push(value);
      return value;
    });
    expect(leaves.length).toBeGreaterThan(3);
    expect(new Set(leaves.map(({ type }) => type))).toEqual(new Set(["text"]));
    expect(JSON.stringify(message)).not.toMatch(/mrkdwn"[^:]|"link"|"user"|"broadcast"|"emoji"/);
    expect(JSON.stringify(message)).not.toContain("\u202e");
  });

  it("tells of a command that failed", () => {
    const error = new PromoterError("Timeout", "Not done after 60 s", {
      temporary: true,
      hint: "Run it again",
    });
    const message = slackMessage(failureOf(error, 0), { application: "shop" });
    expect(message.text).toBe("❌ Promotion of shop failed: Timeout: Not done after 60 s");
  });

  it("stays within bounds, however much there is to tell", () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      image({
        ...failed,
        destination: `${host}/${"x".repeat(200)}${index}:1`,
        error: { code: "Denied", message: "m".repeat(9_000), hint: "h".repeat(9_000), temporary: false },
      }),
    );
    const text = JSON.stringify(slackMessage(report(many), {}));
    expect(text.length).toBeLessThan(40_000);
    expect(text).toContain("and 480 more images");
  });
});

it("escapeSlack leaves nothing that begins a mention or a link, and can be read back", () => {
  fc.assert(
    fc.property(
      fc
        .array(fc.constantFrom("&", "<", ">", "a", ";", "amp;", "!", "@", "|", "\u202e"), { maxLength: 12 })
        .map((parts) => parts.join("")),
      (text) => {
        const escaped = escapeSlack(text);
        expect(escaped).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
        expect(escaped.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")).toBe(text);
      },
    ),
  );
});
