import { expect, it } from "vitest";
import { isFor } from "../../job/commands/open-update-git.ts";

it.each([
  ["https://git.example.com/*", "https://git.example.com/team/a.git", true],
  ["https://*.example.com/*", "https://git.example.com/team/a.git", true],
  ["https://*.example.com/*", "https://attacker.net/x.example.com/a.git", false],
  ["https://*.example.com/team/*", "https://attacker.net/.example.com/team/a.git", false],
  ["https://git.example.com*", "https://git.example.com/team/a.git", true],
  ["https://git.example.com/*", "http://git.example.com/team/a.git", false],
  ["git@git.example.com:*", "git@git.example.com:team/a.git", true],
  ["git@*.example.com:*", "git@attacker.net:x.example.com/a.git", false],
  ["*", "https://git.example.com/team/a.git", true],
  ["*", "git@git.example.com:team/a.git", true],
])("credentials for %s are given to %s: %s", (pattern, address, given) => {
  expect(isFor(pattern, address)).toBe(given);
});
