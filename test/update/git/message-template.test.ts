import { describe, expect, it } from "vitest";
import type { ChangeSet } from "../../../job/update/application.ts";
import { defaultMessage, renderMessage, subjectOf } from "../../../job/update/git/message-template.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const api = {
  application: "argocd/shop",
  alias: "api",
  image: "registry.example.com/shop/api",
  from: { tag: "1.4.2" },
  to: { tag: "1.5.0", digest },
  edits: [{ path: "a.yaml", line: 1 }],
};
const web = { ...api, alias: "web", image: "registry.example.com/shop/web", from: {}, to: { tag: "3" } };
const two: ChangeSet = { repository: "https://git.example.com/a.git", branch: "main", changes: [api, web] };
const one: ChangeSet = { ...two, changes: [web] };
const render = (template: string, changes = two) => renderMessage(template, changes, "commits");

describe("a template", () => {
  it("is by default what people would write", () => {
    expect(render(defaultMessage)).toBe(
      `Update 2 images\n\n- argocd/shop: registry.example.com/shop/api 1.4.2 -> 1.5.0@sha256:0123456789ab\n- argocd/shop: registry.example.com/shop/web nothing -> 3\n`,
    );
    expect(subjectOf(render(defaultMessage, one))).toEqual({
      subject: "Update web from nothing to 3",
      body: "- argocd/shop: registry.example.com/shop/web nothing -> 3",
    });
  });

  it.each([
    [
      "{{application}} on {{branch}}: {{#each changes}}{{alias}}={{tag}} {{/each}}",
      "argocd/shop on main: api=1.5.0 web=3 ",
    ],
    [
      "{{#each changes}}{{#each files}}{{this}}{{/each}}{{#unless digest}}!{{/unless}}{{/each}}",
      "a.yamla.yaml!",
    ],
    // As the documentation of Image Updater shows them.
    [
      "build: automatic update of {{ .AppName }}\n\n{{ range .AppChanges -}}\nupdates image {{ .Image }} tag '{{ .OldTag }}' to '{{ .NewTag }}'\n{{ end -}}\n",
      "build: automatic update of argocd/shop\n\nupdates image registry.example.com/shop/api tag '1.4.2' to '1.5.0@sha256:0123456789ab'\nupdates image registry.example.com/shop/web tag 'nothing' to '3'\n",
    ],
    [
      "image-updater{{range .Images}}-{{.Name}}-{{.NewTag}}{{end}}",
      "image-updater-registry.example.com/shop/api-1.5.0@sha256:0123456789ab-registry.example.com/shop/web-3",
    ],
    ["{{if .AppName}}yes{{else}}no{{end}}", "yes"],
  ])("is filled in: %j", (template, text) => expect(render(template)).toBe(text));

  it("has one hash for one change, whenever it is made and in whatever order", () => {
    const hash = render("{{SHA256}}");
    expect(hash).toMatch(/^[\da-f]{64}$/);
    expect(render("{{.SHA256}}", { ...two, changes: [web, { ...api, edits: [] }] })).toBe(hash);
    expect(render("{{sha256}}", one)).not.toBe(hash);
  });

  it.each([
    ["{{#each changes}}", /Cannot read the template of commits/],
    ["{{unknown 'x'}}", /Cannot read the template of commits/],
    ["x".repeat(20_000), /it is too long/],
    [
      `${"{{#each @root.changes}}".repeat(40)}x${"{{/each}}".repeat(40)}`,
      /Cannot read the template of commits: it repeats too much/,
    ],
    [
      `${"{{#each @root.changes}}".repeat(11)}${"x".repeat(1_000)}${"{{/each}}".repeat(11)}`,
      /it repeats too much/,
    ],
    ['{{#*inline "a"}}x{{/inline}}{{> a}}{{> a}}', /Cannot read the template of commits/],
    ["{{log repository}}", /Cannot read the template of commits/],
  ])("is refused: %.30s", (template, message) => {
    expect(() => render(template)).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration", message: expect.stringMatching(message) }),
    );
  });

  it("repeats what no address may tell", () => {
    const repository = "https://bot:secret-of-mine@git.example.com/a.git";
    expect(render("{{repository}}", { ...two, repository })).toBe("https://git.example.com/a.git");
  });

  it("writes no character that acts, and reaches no more than its words", () => {
    const changes = { ...two, changes: [{ ...api, alias: "a\u001b[2Jb\r" }] };
    expect(render("{{one.alias}}{{constructor}}{{one.constructor.name}}{{__proto__}}", changes)).toBe(
      "a·[2Jb",
    );
  });
});
