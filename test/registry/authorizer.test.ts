import { describe, expect, it } from "vitest";
import { authorizationWorld, basic, basicHeaderOf, providerOf, pull, push } from "./authorization-world.ts";
import { everythingOf, rejection } from "./everything.ts";
import { type Answering, type Seen, serve } from "./sockets.ts";

const basicChallenge = 'Basic realm="https://registry.example/",service="ecr.amazonaws.com"';

function answerJson(answer: (seen: Seen, count: number) => object): Answering {
  let count = 0;
  return (seen, response) => {
    count += 1;
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer(seen, count)));
  };
}

function bearer(realm: URL, rest = ""): string {
  return `Bearer realm="${realm.origin}/token",service="registry.example"${rest}`;
}

function queryOf(seen: Seen | undefined): [string, string][] {
  return [...new URL(seen?.path ?? "", "http://any.example").searchParams];
}

describe("Basic authentication from the first request on", () => {
  it("sends what the provider has", async () => {
    await using world = authorizationWorld(providerOf([basic("one")], true));
    expect(await world.authorizer.headerFor(pull)).toBe(basicHeaderOf("one"));
    expect(await world.authorizer.headerFor(push, { mountFrom: "team/base" })).toBe(basicHeaderOf("one"));
  });

  it("never goes where a challenge says", async () => {
    await using server = await serve((_seen, response) => response.end("{}"));
    await using world = authorizationWorld(providerOf([basic("one"), basic("two")], true), server.url);
    expect(await world.challenge(basicHeaderOf("one"), bearer(server.url))).toBe(true);
    expect(await world.challenge(basicHeaderOf("two"), bearer(new URL("http://169.254.169.254")))).toBe(
      false,
    );
    expect(await world.authorizer.headerFor(pull)).toBe(basicHeaderOf("two"));
    expect(server.connections()).toBe(0);
  });

  it("renews an expired token once for all who were refused", async () => {
    const provider = providerOf([basic("old"), basic("new")], true);
    await using world = authorizationWorld(provider);
    const old = await world.authorizer.headerFor(pull);
    expect(
      await Promise.all([world.expired(old), world.expired(old), world.challenge(old, basicChallenge)]),
    ).toEqual([true, true, true]);
    // One that was under way for longer.
    expect(await world.expired(old)).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe(basicHeaderOf("new"));
    expect(provider.requests.filter(({ refused }) => refused !== undefined)).toEqual([
      { refused: basic("old") },
    ]);
  });

  it("renews again when a token has had time to expire, and not when it is refused at once", async () => {
    const provider = providerOf([basic("1"), basic("2"), basic("3")], true);
    await using world = authorizationWorld(provider);
    expect(await world.expired(basicHeaderOf("1"))).toBe(true);
    expect(await world.expired(basicHeaderOf("2"))).toBe(false);
    world.clock.advance(60_000);
    expect(await world.expired(basicHeaderOf("2"))).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe(basicHeaderOf("3"));
  });

  it("gives up when the provider has nothing else", async () => {
    const provider = providerOf([basic("only")], true);
    await using world = authorizationWorld(provider);
    expect(await world.challenge(basicHeaderOf("only"), basicChallenge)).toBe(false);
    await using anonymous = authorizationWorld(providerOf([undefined], true));
    expect(await anonymous.authorizer.headerFor(pull)).toBeUndefined();
    expect(await anonymous.challenge(undefined, basicChallenge)).toBe(false);
  });

  it("takes 403 without an expired token for an answer", async () => {
    const provider = providerOf([basic("one"), basic("two")], true);
    await using world = authorizationWorld(provider);
    const refusal = {
      status: 403,
      wwwAuthenticate: [basicChallenge],
      tokenExpired: false,
      sent: basicHeaderOf("one"),
      scope: pull,
    };
    expect(await world.authorizer.refused(refusal)).toBe(false);
    expect(provider.requests).toEqual([]);
  });

  it("hands on what the provider throws", async () => {
    const failure = new Error("no credentials");
    const provider = { credentialsFor: () => Promise.reject(failure), isPreemptive: () => true };
    await using world = authorizationWorld(provider);
    expect(await rejection(world.authorizer.headerFor(pull))).toBe(failure);
  });
});

describe("a Basic challenge", () => {
  it("is met, and remembered", async () => {
    await using world = authorizationWorld(providerOf([basic("one")]));
    expect(await world.authorizer.headerFor(pull)).toBeUndefined();
    expect(await world.challenge(undefined, basicChallenge)).toBe(true);
    expect(await world.authorizer.headerFor(push)).toBe(basicHeaderOf("one"));
    expect(await world.challenge(basicHeaderOf("one"), basicChallenge)).toBe(false);
  });

  it("cannot be met without a name and a password", async () => {
    await using anonymous = authorizationWorld(providerOf([undefined]));
    expect(await anonymous.challenge(undefined, basicChallenge)).toBe(false);
    await using token = authorizationWorld(providerOf([{ kind: "identity-token", token: "t" }]));
    expect(await token.challenge(undefined, basicChallenge)).toBe(false);
  });

  it("is nothing when it cannot be read", async () => {
    await using world = authorizationWorld(providerOf([basic("one")]));
    expect(await world.challenge(undefined, 'Digest realm="x"')).toBe(false);
    expect(await world.challenge(undefined, "")).toBe(false);
    expect(await world.authorizer.headerFor(pull)).toBeUndefined();
  });
});

describe("a Bearer challenge", () => {
  it("is met with a token for exactly what is to be done, without credentials where there are none", async () => {
    await using server = await serve(answerJson(() => ({ token: "t0k3n" })));
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    expect(await world.challenge(undefined, bearer(server.url, ',scope="registry:catalog:*"'))).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t0k3n");
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: "GET" });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    expect(queryOf(server.seen[0])).toEqual([
      ["service", "registry.example"],
      ["scope", "repository:team/app:pull"],
    ]);
  });

  it("asks for no scope when it is about no repository", async () => {
    await using server = await serve(answerJson(() => ({ token: "t" })));
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    const scope = { repository: "", actions: "pull" } as const;
    expect(await world.challenge(undefined, bearer(server.url), scope)).toBe(true);
    expect(queryOf(server.seen[0]).map(([name]) => name)).not.toContain("scope");
  });

  it("is met with Basic credentials, by preference over a Basic challenge", async () => {
    await using server = await serve(answerJson(() => ({ access_token: "t0k3n" })));
    await using world = authorizationWorld(
      providerOf([{ kind: "basic", username: "ä&b=c", password: "p:w" }]),
      server.url,
    );
    expect(await world.challenge(undefined, `${basicChallenge}, ${bearer(server.url)}`)).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t0k3n");
    expect(queryOf(server.seen[0])).toContainEqual(["account", "ä&b=c"]);
    const sent = server.seen[0]?.headers.authorization?.replace("Basic ", "") ?? "";
    expect(Buffer.from(sent, "base64").toString()).toBe("ä&b=c:p:w");
  });

  it("is met with a refresh token by OAuth2", async () => {
    await using server = await serve(answerJson(() => ({ access_token: "t0k3n", token_type: "Bearer" })));
    await using world = authorizationWorld(
      providerOf([{ kind: "identity-token", token: "re&fresh" }]),
      server.url,
    );
    expect(await world.challenge(undefined, bearer(server.url), push)).toBe(true);
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: "POST", path: "/token" });
    expect(seen?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({
      grant_type: "refresh_token",
      client_id: "argocd-image-promoter",
      refresh_token: "re&fresh",
      service: "registry.example",
      scope: "repository:team/app:pull,push",
    });
  });

  it("is remembered: each scope gets one token, and many who ask together share it", async () => {
    await using server = await serve(answerJson((_seen, count) => ({ token: `t${count}` })));
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    const refused = Array.from({ length: 5 }, () => world.challenge(undefined, bearer(server.url)));
    expect(await Promise.all(refused)).toEqual([true, true, true, true, true]);
    expect(server.seen).toHaveLength(1);
    const pushes = Array.from({ length: 5 }, () => world.authorizer.headerFor(push));
    expect(new Set(await Promise.all(pushes))).toEqual(new Set(["Bearer t2"]));
    expect(await world.authorizer.headerFor(push, { mountFrom: "team/base" })).toBe("Bearer t3");
    expect(queryOf(server.seen[2]).slice(1)).toEqual([
      ["scope", "repository:team/app:pull,push"],
      ["scope", "repository:team/base:pull"],
    ]);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t1");
    expect(server.seen).toHaveLength(3);
  });

  it.each<[string, object, number, number]>([
    ["60 seconds when nothing is said", {}, 49_000, 2000],
    ["as long as it says", { expires_in: 300 }, 289_000, 2000],
    ["as long as it says in text", { expires_in: "300" }, 289_000, 2000],
    ["60 seconds when what is said makes no sense", { expires_in: -5 }, 49_000, 2000],
    ["60 seconds when what is said is no number", { expires_in: "soon" }, 49_000, 2000],
    ["a short while when it says so", { expires_in: 5 }, 3900, 200],
  ])("holds for %s, less a little", async (_name, answer, good, over) => {
    await using server = await serve(answerJson((_seen, count) => ({ ...answer, token: `t${count}` })));
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    await world.challenge(undefined, bearer(server.url));
    world.clock.advance(good);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t1");
    world.clock.advance(over);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t2");
  });

  it("is met anew when a token is refused that had held, and not when it is fresh", async () => {
    await using server = await serve(
      answerJson((_seen, count) => ({ token: `t${count}`, expires_in: 3600 })),
    );
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    await world.challenge(undefined, bearer(server.url));
    expect(await world.challenge("Bearer t1", bearer(server.url))).toBe(false);
    world.clock.advance(60_000);
    expect(await world.challenge("Bearer t1", bearer(server.url, ',error="insufficient_scope"'))).toBe(false);
    expect(await world.challenge("Bearer t1", bearer(server.url, ',error="invalid_token"'))).toBe(true);
    // One that was sent with the old token.
    expect(await world.challenge("Bearer t1", bearer(server.url))).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t2");
    expect(server.seen).toHaveLength(2);
  });

  it("is met at the new place when the registry names another", async () => {
    await using one = await serve(answerJson(() => ({ token: "one" })));
    await using two = await serve(answerJson(() => ({ token: "two" })));
    await using world = authorizationWorld(providerOf([undefined]), one.url);
    await world.challenge(undefined, bearer(one.url));
    expect(await world.challenge("Bearer one", bearer(two.url))).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer two");
  });

  it("is met at the new place even while a token is under way from the old one", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await using one = await serve(
      (_seen, response) => void released.then(() => response.end('{"token":"one"}')),
    );
    await using two = await serve(answerJson(() => ({ token: "two" })));
    await using world = authorizationWorld(providerOf([undefined]), one.url);
    const first = world.challenge(undefined, bearer(one.url));
    expect(await world.challenge(undefined, bearer(two.url))).toBe(true);
    release();
    await first;
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer two");
  });

  it("is nothing in an answer of 403", async () => {
    await using world = authorizationWorld(providerOf([basic("one")]));
    const refusal = {
      status: 403,
      wwwAuthenticate: [basicChallenge],
      tokenExpired: false,
      sent: undefined,
      scope: pull,
    };
    expect(await world.authorizer.refused(refusal)).toBe(false);
    expect(await world.authorizer.headerFor(pull)).toBeUndefined();
  });

  it("asks the provider for other credentials when the service refuses them", async () => {
    const provider = providerOf([basic("old"), basic("new")]);
    await using server = await serve((seen, response) => {
      response.statusCode = seen.headers.authorization === basicHeaderOf("new") ? 200 : 401;
      response.end(JSON.stringify({ token: "t0k3n" }));
    });
    await using world = authorizationWorld(provider, server.url);
    expect(await world.challenge(undefined, bearer(server.url))).toBe(true);
    expect(await world.authorizer.headerFor(pull)).toBe("Bearer t0k3n");
    expect(server.seen).toHaveLength(2);
  });

  it("lets whoever is aborted go, and the others have their token", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await using server = await serve(
      (_seen, response) => void released.then(() => response.end('{"token":"t0k3n"}')),
    );
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    const patient = world.challenge(undefined, bearer(server.url));
    const controller = new AbortController();
    const impatient = rejection(world.authorizer.headerFor(pull, { signal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await impatient).toMatchObject({ message: "enough" });
    release();
    expect(await patient).toBe(true);
    expect(server.seen).toHaveLength(1);
  });
});

describe("a realm", () => {
  it.each([
    ["no address", "nonsense"],
    ["an address with a password", "http://me:c4n4ry@127.0.0.1:1/"],
    ["a file", "file:///etc/passwd"],
    ["an address of the cloud's", "http://169.254.169.254/latest/meta-data?c4n4ry"],
  ])("is refused when it is %s", async (_name, realm) => {
    await using world = authorizationWorld(providerOf([basic("c4n4ry")]));
    const error = await rejection(world.challenge(undefined, `Bearer realm="${realm}",service="s"`));
    expect(error).toMatchObject({ code: "RedirectRefused", temporary: false, hint: expect.any(String) });
    expect(everythingOf(error)).not.toContain("c4n4ry");
  });

  it("has to be https for a registry that is", async () => {
    await using world = authorizationWorld(
      providerOf([basic("c4n4ry")]),
      new URL("https://registry.example"),
    );
    const error = await rejection(world.challenge(undefined, 'Bearer realm="http://auth.example/"'));
    expect(error).toMatchObject({ code: "RedirectRefused" });
  });

  it("may not be this machine for a registry elsewhere", async () => {
    await using server = await serve(answerJson(() => ({ token: "t" })));
    await using world = authorizationWorld(providerOf([basic("c4n4ry")]), new URL("http://registry.example"));
    const literal = await rejection(world.challenge(undefined, bearer(server.url)));
    expect(literal).toMatchObject({ code: "RedirectRefused" });
    const named = bearer(new URL(`http://localhost:${server.port}`));
    expect(await rejection(world.challenge(undefined, named))).toMatchObject({ code: "RedirectRefused" });
    expect(server.connections()).toBe(0);
  });

  it("and service are data: they cannot add to what is asked", async () => {
    await using server = await serve(answerJson(() => ({ token: "t" })));
    await using world = authorizationWorld(providerOf([undefined]), server.url);
    const challenge = `Bearer realm="${server.url.origin}/token?tenant=1#x",service="s&admin=1#"`;
    expect(await world.challenge(undefined, challenge)).toBe(true);
    expect(queryOf(server.seen[0])).toEqual([
      ["tenant", "1"],
      ["service", "s&admin=1#"],
      ["scope", "repository:team/app:pull"],
    ]);
  });
});
