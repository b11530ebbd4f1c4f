import { describe, expect, it } from "vitest";
import { dockerConfigCredentials } from "../../job/registry/docker-config.ts";
import { everythingOf, rejection } from "./everything.ts";
import { helperFolder } from "./helper-folder.ts";

const secret = "c4n4ry";
const home = { HOME: "/home/me" };
const path = "/home/me/.docker/config.json";

type Files = Readonly<Record<string, string | object | Error>>;

function providerOf(files: Files, env: Record<string, string> = home, asked: string[] = []) {
  return dockerConfigCredentials({
    env,
    async readFile(name) {
      const content = files[name] ?? Object.assign(new Error("ENOENT"), { code: "ENOENT" });
      if (content instanceof Error) throw content;
      return typeof content === "string" ? content : JSON.stringify(content);
    },
    async runHelper(name, serverUrl) {
      asked.push(`${name} ${serverUrl}`);
      if (name === "empty") return undefined;
      return { kind: "basic", username: name, password: String(asked.length) };
    },
  });
}

function auth(text: string): { auth: string } {
  return { auth: Buffer.from(text).toString("base64") };
}

function basic(username: string, password: string) {
  return { kind: "basic", username, password };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe("what stands in Docker's configuration", () => {
  it.each<[string, object, object | undefined]>([
    ["a name and a password in Base64", auth("me:pass"), basic("me", "pass")],
    ["a password with colons", auth("me:a:b:"), basic("me", "a:b:")],
    ["a name and a password beyond ASCII", auth("mé:päss"), basic("mé", "päss")],
    ["a password padded with zeros", auth("me:pass\0\0"), basic("me", "pass")],
    ["a name and a password as they are", { username: "me", password: "pass" }, basic("me", "pass")],
    ["a refresh token", { ...auth("0000:"), identitytoken: "t" }, { kind: "identity-token", token: "t" }],
    ["nothing", {}, undefined],
    ["empty texts", { auth: "", username: "", password: "" }, undefined],
    ["something else", { email: "me@example.com" }, undefined],
  ])("%s", async (_name, entry, expected) => {
    const provider = providerOf({ [path]: { auths: { "registry.example": entry }, HttpHeaders: {} } });
    expect(await provider.credentialsFor("registry.example")).toEqual(expected);
  });

  it.each([
    ["registry.example", "registry.example", true],
    ["https://registry.example", "registry.example", true],
    ["http://registry.example/v1/", "registry.example", true],
    ["Registry.Example", "registry.example", true],
    ["registry.example", "REGISTRY.EXAMPLE", true],
    ["registry.example:5000", "registry.example:5000", true],
    ["registry.example:5000", "registry.example", false],
    ["registry.example", "registry.example:5000", false],
    ["registry.example", "evil-registry.example", false],
    ["registry.example", "registry.example.evil.example", false],
    ["example", "registry.example", false],
    ["*.example", "registry.example", false],
    ["https://index.docker.io/v1/", "docker.io", true],
    ["https://index.docker.io/v1/", "registry-1.docker.io", true],
    ["docker.io", "index.docker.io", true],
    ["docker.io", "hub.docker.io", false],
    ["__proto__", "__proto__", true],
  ])("under %s is for %s: %s", async (key, host, found) => {
    const provider = providerOf({
      [path]: `{"auths": {${JSON.stringify(key)}: ${JSON.stringify(auth("me:pass"))}}}`,
    });
    expect(await provider.credentialsFor(host)).toEqual(found ? basic("me", "pass") : undefined);
  });

  it("under the plain host goes before what is under a path", async () => {
    const auths = { "registry.example/team": auth("team:1"), "registry.example": auth("me:2") };
    expect(await providerOf({ [path]: { auths } }).credentialsFor("registry.example")).toEqual(
      basic("me", "2"),
    );
  });

  it.each<[string, string | object]>([
    ["no JSON", `{"auths": {"registry.example": {"auth": "${secret}"`],
    ["no object", [secret]],
    ["null", "null"],
    ["auths that are no object", { auths: secret }],
    ["helpers that are no object", { credHelpers: [secret] }],
    ["a store that is no text", { credsStore: { secret } }],
    ["an entry that is no object", { auths: { "registry.example": secret } }],
    ["an auth that is no Base64", { auths: { "registry.example": { auth: `${secret}:${secret}` } } }],
    ["an auth without a colon", { auths: { "registry.example": auth(secret) } }],
    ["an auth without a name", { auths: { "registry.example": auth(`:${secret}`) } }],
    ["a helper that is no text", { credHelpers: { "registry.example": { secret } } }],
  ])("is refused without a word of it when it is %s", async (_name, content) => {
    const error = await rejection(providerOf({ [path]: content }).credentialsFor("registry.example"));
    expect(error).toMatchObject({
      code: "InvalidConfiguration",
      message: expect.stringContaining(path),
      hint: expect.any(String),
    });
    const told = everythingOf(error);
    expect(told).not.toContain(secret);
    expect(told).not.toContain(auth(secret).auth);
  });

  it("is not looked at where it does not matter", async () => {
    const auths = { "other.example": 1, "registry.example": auth("me:pass") };
    expect(await providerOf({ [path]: { auths } }).credentialsFor("registry.example")).toEqual(
      basic("me", "pass"),
    );
  });
});

describe("the files", () => {
  const host = "registry.example";
  const all = {
    "/auth.json": { auths: { [host]: auth("registry-auth-file:1") } },
    "/docker/config.json": { auths: { [host]: auth("docker-config:1") } },
    [path]: { auths: { [host]: auth("home:1") } },
    "/run/containers/auth.json": { auths: { [host]: auth("runtime:1") } },
  };

  it.each<[string, Record<string, string>, string | undefined]>([
    [
      "REGISTRY_AUTH_FILE first",
      { REGISTRY_AUTH_FILE: "/auth.json", DOCKER_CONFIG: "/docker" },
      "registry-auth-file",
    ],
    [
      "DOCKER_CONFIG instead of the home folder",
      { ...home, DOCKER_CONFIG: "/docker", XDG_RUNTIME_DIR: "/run" },
      "docker-config",
    ],
    ["the home folder", { ...home, XDG_RUNTIME_DIR: "/run" }, "home"],
    ["the runtime folder last", { HOME: "/nowhere", XDG_RUNTIME_DIR: "/run" }, "runtime"],
    [
      "the next where one is missing",
      { REGISTRY_AUTH_FILE: "/none", DOCKER_CONFIG: "/none", XDG_RUNTIME_DIR: "/run" },
      "runtime",
    ],
    ["none at all", {}, undefined],
  ])("%s", async (_name, env, username) => {
    const found = await providerOf(all, env).credentialsFor(host);
    expect(found).toEqual(username === undefined ? undefined : basic(username, "1"));
  });

  it("may be empty", async () => {
    expect(await providerOf({ [path]: "\n" }).credentialsFor(host)).toBeUndefined();
  });

  it("may be unreadable where nobody named them", async () => {
    expect(await providerOf({ [path]: failure("EACCES") }).credentialsFor(host)).toBeUndefined();
    const named = providerOf({ "/docker/config.json": failure("EACCES") }, { DOCKER_CONFIG: "/docker" });
    expect(await rejection(named.credentialsFor(host))).toMatchObject({ code: "InvalidConfiguration" });
    const folder = providerOf({ [path]: failure("EISDIR") });
    expect(await rejection(folder.credentialsFor(host))).toMatchObject({ code: "InvalidConfiguration" });
  });

  it("are read once", async () => {
    let reads = 0;
    const provider = dockerConfigCredentials({
      env: home,
      readFile: async () => {
        reads += 1;
        return "{}";
      },
    });
    await Promise.all(["a.example", "b.example", "a.example"].map((name) => provider.credentialsFor(name)));
    expect(reads).toBe(1);
  });
});

describe("credential helpers", () => {
  it.each<[string, object, string, object | undefined, string[]]>([
    [
      "for just one host",
      { credHelpers: { "registry.example": "own" } },
      "registry.example",
      basic("own", "1"),
      ["own registry.example"],
    ],
    [
      "for all hosts",
      { credsStore: "store" },
      "registry.example",
      basic("store", "1"),
      ["store registry.example"],
    ],
    [
      "for one host before that for all",
      { credHelpers: { "registry.example": "own" }, credsStore: "store" },
      "registry.example",
      basic("own", "1"),
      ["own registry.example"],
    ],
    [
      "for one host before what is written down",
      { credHelpers: { "registry.example": "own" }, auths: { "registry.example": auth("me:p") } },
      "registry.example",
      basic("own", "1"),
      ["own registry.example"],
    ],
    [
      "for all hosts after what is written down",
      { credsStore: "store", auths: { "registry.example": auth("me:p") } },
      "registry.example",
      basic("me", "p"),
      [],
    ],
    [
      "for all hosts where an empty entry is written down",
      { credsStore: "store", auths: { "registry.example": {} } },
      "registry.example",
      basic("store", "1"),
      ["store registry.example"],
    ],
    [
      "for one host alone, though it has nothing",
      { credHelpers: { "registry.example": "empty" }, credsStore: "store" },
      "registry.example",
      undefined,
      ["empty registry.example"],
    ],
    ["for another host", { credHelpers: { "other.example": "own" } }, "registry.example", undefined, []],
    [
      "for Docker Hub",
      { credsStore: "store" },
      "docker.io",
      basic("store", "1"),
      ["store https://index.docker.io/v1/"],
    ],
  ])("%s", async (_name, content, host, expected, calls) => {
    const asked: string[] = [];
    expect(await providerOf({ [path]: content }, home, asked).credentialsFor(host)).toEqual(expected);
    expect(asked).toEqual(calls);
  });

  it("are asked once, and again when what they gave is refused", async () => {
    const asked: string[] = [];
    const provider = providerOf({ [path]: { credsStore: "store" } }, home, asked);
    const together = await Promise.all([
      provider.credentialsFor("r.example"),
      provider.credentialsFor("r.example"),
    ]);
    expect(together).toEqual([basic("store", "1"), basic("store", "1")]);
    const [refused] = together;
    if (refused === undefined) throw new Error("credentials");
    expect(await provider.credentialsFor("r.example", { refused })).toEqual(basic("store", "2"));
    // Somebody else's refusal, of what is no longer handed out.
    expect(await provider.credentialsFor("r.example", { refused })).toEqual(basic("store", "2"));
    expect(await provider.credentialsFor("r.example")).toEqual(basic("store", "2"));
    expect(asked).toHaveLength(2);
  });

  it("are those installed, unless others are given", async () => {
    using folder = helperFolder();
    folder.add("own", `read server; printf '{"Username":"me","Secret":"%s"}' "$server"`);
    const provider = dockerConfigCredentials({
      env: { ...folder.env, ...home },
      readFile: async () => '{"credHelpers":{"registry.example":"own"}}',
    });
    expect(await provider.credentialsFor("registry.example")).toEqual(basic("me", "registry.example"));
  });
});
