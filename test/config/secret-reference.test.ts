import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseNotifyAddress,
  parsePublicNotifyAddress,
  parseWebhook,
} from "../../job/config/notify-address.ts";
import {
  checkReferences,
  isReference,
  referenceBeside,
  resolveReferences,
} from "../../job/config/secret-reference.ts";
import { thrownBy } from "../images/thrown-by.ts";

const sources = {
  env: { TOKEN: "abc\n", OTHER: `$& \${env:TOKEN}`, EMPTY: " " },
  readFile: async (path: string) => {
    if (path === "/run/token") return " abc \n";
    throw Object.assign(new Error("no"), { code: "ENOENT" });
  },
};

describe("a reference to a secret", () => {
  it.each([
    ["plain", "plain"],
    [`Bearer \${env:TOKEN}`, "Bearer abc"],
    [`\${env:TOKEN}-\${env:TOKEN}`, "abc-abc"],
    // What a variable holds is not read for references again.
    [`\${env:OTHER}`, `$& \${env:TOKEN}`],
    ["file:/run/token", "abc"],
    ["file:///run/token", "abc"],
  ])("%s", async (text, resolved) => {
    expect(checkReferences(text)).toBe(text);
    expect(await resolveReferences(text, sources)).toBe(resolved);
  });

  it.each([`\${TOKEN}`, `\${env:}`, `\${env:TOKEN`, `\${env:A-B}`, `\${file:a}`, "file:"])(
    "is not %s",
    (text) => {
      expect(thrownBy(() => checkReferences(text))).toMatchObject({ code: "InvalidConfiguration" });
      expect(isReference(text)).toBe(true);
    },
  );

  it.each([
    [`\${env:EMPTY}`, "EMPTY is not set"],
    [`\${env:NOWHERE}`, "NOWHERE is not set"],
    ["file:/nowhere", "/nowhere: ENOENT"],
  ])("says what is missing of %s", async (text, says) => {
    await expect(resolveReferences(text, sources)).rejects.toMatchObject({
      code: "InvalidConfiguration",
      message: expect.stringContaining(says),
    });
  });

  it.each([
    ["conf/promoter.yaml", "file:token", "file:conf/token"],
    ["promoter.yaml", "file:token", "file:token"],
    ["conf/promoter.yaml", "file:/run/token", "file:/run/token"],
    ["conf/promoter.yaml", "file:///run/token", "file:///run/token"],
    ["conf/promoter.yaml", `\${env:TOKEN}`, `\${env:TOKEN}`],
  ])("of %s, %s, is %s", (source, text, beside) => expect(referenceBeside(source, text)).toBe(beside));
});

describe("an address to notify", () => {
  it.each(["https://example.com/a?b=c", "http://127.0.0.1:8080/", `\${env:HOOK}/a`, "file:hook"])(
    "may be %s",
    (text) => {
      expect(parsePublicNotifyAddress(text)).toBe(text);
    },
  );

  it.each(["example.com", "ftp://example.com", "https://me:pw4711@example.com", ""])("is not %s", (text) => {
    expect(thrownBy(() => parseNotifyAddress(text)).code).toBe("InvalidConfiguration");
  });

  it("of Slack stands in no public place, under no spelling", () => {
    for (const text of [
      "https://hooks.slack.com/services/T/B/x",
      "HTTPS://HOOKS.SLACK.COM:443/services/T/B/x",
    ]) {
      expect(parseNotifyAddress(text)).toBe(text);
      const error = thrownBy(() => parsePublicNotifyAddress(text));
      expect(`${error.message} ${error.hint}`).not.toContain("services");
    }
  });

  it("that is wrong is not repeated: it may be a secret", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{12,30}$/), (secret) => {
        for (const text of [secret, `https://u:${secret}@h/`, `gopher://h/${secret}`]) {
          const error = thrownBy(() => parseWebhook(text));
          expect(`${error.message} ${error.hint}`).not.toContain(secret);
        }
      }),
    );
  });
});
