import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { readMetadata } from "../../job/config/metadata-file.ts";
import { listen, reply } from "../../job/http-server/listener.ts";
import { readBody } from "../../job/http-server/request-body.ts";
import { renderWorkflow, type WorkflowOptions } from "../../job/render/workflow.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { findTool } from "../tool.ts";
import { type KubernetesObject, objectsOf, options } from "./workflow-world.ts";

interface Template {
  readonly name: string;
  readonly container?: Container;
  readonly script?: Container & { readonly source: string };
  readonly serviceAccountName?: string;
  readonly nodeSelector?: Record<string, string>;
}

interface Container {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext?: Record<string, unknown>;
}

function workflowOf(changes: Partial<WorkflowOptions> = {}): KubernetesObject {
  return workflowIn({ ...options, ...changes });
}

function workflowIn(given: WorkflowOptions): KubernetesObject {
  const found = objectsOf(given).find(({ kind }) => kind === "WorkflowTemplate");
  if (found === undefined) throw new Error("no workflow");
  return found;
}

function templatesOf(workflow: KubernetesObject): readonly Template[] {
  return workflow.spec.templates as readonly Template[];
}

const builders = ["buildkit", "kaniko", "buildah"] as const;

describe("the workflow", () => {
  it("builds each repository on nodes of each architecture, then assembles, then promotes", () => {
    const workflow = workflowOf();
    const [release] = workflow.spec.templates as readonly {
      dag: { tasks: readonly Record<string, unknown>[] };
    }[];
    const tasks = release?.dag.tasks ?? [];
    expect(tasks.map(({ name }) => name)).toEqual([
      "build-1-web-amd64",
      "build-1-web-arm64",
      "build-2-team-api-arm-v7",
      "assemble",
      "promote",
    ]);
    expect(tasks[2]?.arguments).toEqual({
      parameters: [
        { name: "image", value: "dev.example.com/shop/team/api-arm:{{workflow.parameters.tag}}" },
        { name: "platform", value: "linux/arm/v7" },
        { name: "architecture", value: "arm" },
        { name: "context", value: "services/api" },
        { name: "dockerfile", value: "Containerfile" },
      ],
    });
    expect(tasks[3]?.dependencies).toEqual(tasks.slice(0, 3).map(({ name }) => name));
    expect(tasks[4]?.dependencies).toEqual(["assemble"]);
    const promote = templatesOf(workflow).find(({ name }) => name === "promote");
    expect(promote?.container?.args).toEqual([
      "promote",
      ...["--from", "dev.example.com/shop", "--to", "prod.example.com/shop"],
      "prod.example.com/shop/web:{{workflow.parameters.tag}}",
      "prod.example.com/shop/team/api:{{workflow.parameters.tag}}",
    ]);
    expect(promote?.serviceAccountName).toBe("release-promote");
  });

  it.each(builders)(
    "of %s gives no step a token, a privilege, or what comes from outside as a script",
    (builder) => {
      const workflow = workflowOf({ builder });
      expect(workflow.spec.automountServiceAccountToken).toBe(false);
      const text = JSON.stringify(workflow);
      expect(text).not.toMatch(/privileged|hostPath|hostNetwork|docker\.sock/);
      for (const { name, container, script } of templatesOf(workflow)) {
        if (container === undefined && script === undefined) continue;
        const { securityContext } = container ?? script ?? {};
        expect(securityContext).toMatchObject({ capabilities: { drop: ["ALL"] } });
        if (name !== "build") {
          expect(securityContext).toMatchObject({
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            allowPrivilegeEscalation: false,
          });
        }
        expect(script?.source ?? "").not.toContain("{{");
      }
    },
  );

  it("gives rights in Kubernetes to Argo's executor and to the sensor alone", () => {
    const accounts = objectsOf(options).filter(({ kind }) => kind === "ServiceAccount");
    const mounted = accounts.filter((account) => account.automountServiceAccountToken === true);
    expect(mounted.map(({ metadata }) => metadata.name)).toEqual(["release-sensor"]);
    const roles = objectsOf(options).filter(({ kind }) => kind === "Role");
    expect(roles.map(({ metadata, rules }) => [metadata.name, rules])).toEqual([
      [
        "release-executor",
        [{ apiGroups: ["argoproj.io"], resources: ["workflowtaskresults"], verbs: ["create", "patch"] }],
      ],
      [
        "release-sensor",
        [
          { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["create", "get", "list"] },
          { apiGroups: ["argoproj.io"], resources: ["workflowtemplates"], verbs: ["get"] },
        ],
      ],
    ]);
  });

  it("has the metadata for the step that assembles, as it was written", () => {
    const map = objectsOf(options).find(({ kind }) => kind === "ConfigMap");
    expect(map?.data).toEqual({ "metadata-multi.yaml": options.metadataText });
    const assemble = templatesOf(workflowOf()).find(({ name }) => name === "assemble");
    expect(assemble?.container?.args).toContain("/etc/image-promoter/metadata-multi.yaml");
  });

  it.runIf(findTool("curl"))(
    "tells a webhook how it ended, whose address no command line shows",
    async () => {
      const { container } = templatesOf(workflowOf()).find(({ name }) => name === "notify") ?? {};
      const [shell = "", ...before] = container?.command ?? [];
      expect(container?.args?.join(" ")).not.toContain("$(");
      const told = Promise.withResolvers<string>();
      await using listener = await listen({ host: "127.0.0.1", port: 0 }, async (request, response) => {
        const body = await readBody(request, 1000);
        const text = body.state === "whole" ? body.text : body.state;
        told.resolve(`${request.method} ${request.url} ${request.headers["content-type"]} ${text}`);
        reply(response, 200, {});
      });
      const written = container?.env?.flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, value]],
      );
      // Traced, the shell says every command line that it runs.
      const { stderr } = await promisify(execFile)(shell, ["-x", ...before, ...(container?.args ?? [])], {
        env: {
          PATH: process.env.PATH,
          ...Object.fromEntries(written ?? []),
          NOTIFY_URL: `http://127.0.0.1:${listener.port}/secret?a=1`,
        },
      });
      expect(await told.promise).toBe(
        'POST /secret?a=1 application/json {"text":"Release {{workflow.name}}: {{workflow.status}} after {{workflow.duration}} s"}',
      );
      expect(stderr.split("\n").filter((line) => line.includes("curl"))).not.toEqual([]);
      expect(
        stderr.split("\n").find((line) => line.includes("curl") && line.includes("secret")),
      ).toBeUndefined();
    },
  );

  it("leaves out what was not asked for", () => {
    const { to: _, events: __, notify: ___, ...bare } = options;
    const kinds = objectsOf(bare).map(({ kind }) => kind);
    expect(kinds).not.toContain("Sensor");
    const workflow = workflowIn(bare);
    expect(workflow.spec.onExit).toBeUndefined();
    expect(templatesOf(workflow).map(({ name }) => name)).toEqual(["release", "build", "assemble"]);
  });

  it("lets no value out of its place", () => {
    const hostile = 'x"\n- evil: true # {{=1}} \u0085';
    const objects = objectsOf({
      ...options,
      repositoryUrl: hostile,
      buildRoleArn: hostile,
      metadataText: hostile,
      metadata: {
        ...options.metadata,
        repositories: options.metadata.repositories.map((repository) => ({
          ...repository,
          context: hostile,
        })),
      },
    });
    expect(JSON.stringify(objects)).not.toContain('"evil"');
    expect(objects.find(({ kind }) => kind === "ConfigMap")?.data).toEqual({
      "metadata-multi.yaml": hostile,
    });
  });

  it.each([
    ["Release", /Cannot use --name/],
    ["a".repeat(41), /Cannot use --name/],
    ["1a", /Cannot use --name/],
  ])("refuses the name %s", (name, message) => {
    expect(() => renderWorkflow({ ...options, name })).toThrow(message);
  });

  it("refuses what its builders cannot build", () => {
    const text = options.metadataText.replace("[amd64, arm64]", "[windows/amd64]");
    expect(() => renderWorkflow({ ...options, metadata: readMetadata(text, "m.yaml") })).toThrow(
      /m.yaml:\d+: the workflow's builders build for Linux/,
    );
  });
});

describe("what starts it", () => {
  it.each([
    [
      "github",
      '{{ .Input.body.ref | trimPrefix "refs/tags/" }}',
      "body.ref",
      "refs/tags/1.2",
      "refs/heads/main",
    ],
    ["webhook", "body.tag", "body.tag", "1.2", "$(reboot)"],
  ])("by %s takes what can be a tag, and nothing else", (source, tag, path, good, bad) => {
    const { github: _, ...webhook } = options.events ?? { bus: true, secret: "s", url: "https://x" };
    const events = source === "github" ? options.events : webhook;
    const sensor = objectsOf({ ...options, ...(events && { events }) }).find(({ kind }) => kind === "Sensor");
    const { dependencies, triggers } = (sensor?.spec ?? {}) as {
      dependencies: { filters: { data: { path: string; value: string[] }[] } }[];
      triggers: {
        template: { argoWorkflow: { parameters: { src: Record<string, string>; dest: string }[] } };
      }[];
    };
    const filter = dependencies[0]?.filters.data.find((one) => one.path === path);
    const pattern = new RegExp(filter?.value[0] ?? "");
    expect([pattern.test(good), pattern.test(bad)]).toEqual([true, false]);
    const [first] = triggers[0]?.template.argoWorkflow.parameters ?? [];
    expect(Object.values(first?.src ?? {})).toContain(tag);
    expect(first?.dest).toBe("spec.arguments.parameters.0.value");
  });
});

describe("render workflow", () => {
  const files = { "m.yaml": options.metadataText };
  const args = [
    "render",
    "workflow",
    "--metadata",
    "m.yaml",
    "--git",
    "https://git.example.com/shop.git",
    "--promoter-image",
    "registry.example.com/image-promoter:1.0",
  ];

  it("writes a stream, or files", async () => {
    const stream = await runCommand(args, { files });
    expect({ code: stream.code, stderr: stream.stderr }).toEqual({ code: 0, stderr: "" });
    expect(parseAllDocuments(stream.stdout).length).toBeGreaterThan(5);
    const folder = await runCommand([...args, "--output-dir", "out", "--builder", "kaniko"], { files });
    expect([...folder.written.keys()]).toEqual(
      ["config-map", "service-accounts", "roles", "workflow-template"].map((name) => `out/${name}.yaml`),
    );
    expect(folder.written.get("out/workflow-template.yaml")).toContain("/kaniko/executor");
  });

  it.each([
    [["--events", "webhook"], /need an address/],
    [
      ["--events", "github", "--events-url", "https://x", "--events-secret", "s"],
      /which repository of GitHub/,
    ],
    [["--git-secret", "No"], /Cannot use --git-secret/],
    [["--notify-secret", "a b"], /Cannot use --notify-secret/],
    [["--to", "nowhere"], /neither a dot nor a port/],
  ])("refuses %j", async (more, message) => {
    const { code, stderr } = await runCommand([...args, ...more], { files });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
