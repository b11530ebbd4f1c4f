import { describe, expect, it } from "vitest";
import { parseRepositoryAddress } from "../../../job/update/git/repository-address.ts";

describe("the address of a repository", () => {
  it.each([
    ["https://git.example.com/team/deploy.git", "https", "git.example.com", "team/deploy"],
    ["http://127.0.0.1:3000/a/b/c", "http", "127.0.0.1:3000", "a/b/c"],
    ["ssh://git@git.example.com:2222/team/deploy.git", "ssh", "git.example.com:2222", "team/deploy"],
    ["git@git.example.com:team/deploy.git", "ssh", "git.example.com", "team/deploy"],
    ["git.example.com:~me/deploy/", "ssh", "git.example.com", "~me/deploy"],
    ["file:///srv/git/deploy.git", "file", "", "srv/git/deploy"],
  ])("is read: %s", (address, scheme, host, path) => {
    expect(parseRepositoryAddress(address)).toMatchObject({ address, scheme, host, path });
  });

  it("loses what is secret in it", () => {
    expect(parseRepositoryAddress("https://bot:p%40ss@git.example.com/a.git")).toEqual({
      address: "https://git.example.com/a.git",
      scheme: "https",
      host: "git.example.com",
      path: "a",
      username: "bot",
      password: "p@ss",
    });
  });

  it.each([
    "ext::sh -c id",
    "--upload-pack=id",
    "-oProxyCommand=id:x",
    "ssh://-oProxyCommand=id/x",
    "git@-oProxyCommand=id:x",
    "git@host:-x",
    "https://host/-x",
    "https:host/x",
    "fd::17",
    "/srv/git/deploy.git",
    "../deploy",
    "ftp://host/x",
    "https://user:secret-of-mine@host/x?y",
    "host::x",
    "git@host:team/../other/x",
    "https://host/team/..%2fother/x",
    "ssh://git@host/team/%2E.%2Fother/x",
    "https://host/team/%",
    "ssh://-oProxyCommand=id@host/x",
    "ssh://%2DoProxyCommand=id/x",
    "",
  ])("is refused: %s", (address) => {
    expect(() => parseRepositoryAddress(address)).toThrow(
      expect.objectContaining({
        code: "InvalidConfiguration",
        message: expect.not.stringContaining("secret-of-mine"),
      }),
    );
  });
});
