import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { WorkflowOptions } from "../../job/render/workflow.ts";
import { toolsAreRequired } from "../tool.ts";
import { type Schema, schemaFaults } from "./json-schema-check.ts";
import { objectsOf, options } from "./workflow-world.ts";

const folder = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "argocd-image-promoter",
  "schemas",
);
/** The CRD of Argo Workflows; those of Argo Events leave everything open, so there it is the schema of its types. */
const [crd] = globSync(join(folder, "*-workflow-templates.yaml"));
const [events] = globSync(join(folder, "*-argo-events.json"));
const absent = crd === undefined || events === undefined;

describe.skipIf(absent && !toolsAreRequired())("by Argo's own schemas", () => {
  let workflowTemplate: Schema;
  let eventTypes: Schema;
  beforeAll(async () => {
    if (crd === undefined || events === undefined)
      throw new Error("Argo's schemas are missing: run scripts/tools.sh");
    const { spec } = parse(await readFile(crd, "utf8"));
    workflowTemplate = spec.versions[0].schema.openAPIV3Schema;
    eventTypes = JSON.parse(await readFile(events, "utf8"));
  }, 30_000);

  const schemaOf = (kind: string): Schema | undefined => {
    if (kind === "WorkflowTemplate") return workflowTemplate;
    const definition = eventTypes.definitions?.[`io.argoproj.events.v1alpha1.${kind}`];
    return definition && { ...definition, definitions: eventTypes.definitions ?? {} };
  };

  const faultsOf = (given: WorkflowOptions) =>
    objectsOf(given).flatMap((object) => {
      const schema = object.apiVersion === "argoproj.io/v1alpha1" ? schemaOf(object.kind) : undefined;
      return schema === undefined
        ? []
        : schemaFaults(object, schema).map((fault) => `${object.kind}${fault}`);
    });

  const { github: _, ...webhook } = options.events ?? { bus: true, secret: "s", url: "https://x" };
  const { gitSecret: __, registrySecret: ___, notify: ____, to: _____, ...less } = options;

  it.each([
    ["BuildKit, started by GitHub", options],
    ["Kaniko, started by posts", { ...options, builder: "kaniko", events: webhook }],
    ["Buildah", { ...options, builder: "buildah" }],
    ["as little as can be", less],
    ["as little as can be of Buildah", { ...less, builder: "buildah" }],
  ] as const)("%s is valid to the last field", (_name, given) => {
    const kinds = objectsOf(given).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["WorkflowTemplate", "EventBus", "EventSource", "Sensor"]));
    expect(faultsOf(given)).toEqual([]);
  });

  it("a field that is spelled wrong, of another type, or missing would be found", () => {
    const [workflow] = objectsOf(options).filter(({ kind }) => kind === "WorkflowTemplate");
    const sensor = objectsOf(options).find(({ kind }) => kind === "Sensor");
    const broken = { ...workflow, spec: { ...workflow?.spec, onexit: "notify", parallelism: "two" } };
    expect(schemaFaults(broken, workflowTemplate)).toEqual([
      ".spec.onexit is unknown",
      ".spec.parallelism is string, not integer",
    ]);
    const { triggers: ______, ...rest } = sensor?.spec ?? {};
    const schema = schemaOf("Sensor");
    expect(schema && schemaFaults({ ...sensor, spec: rest }, schema)).toEqual([".spec.triggers is missing"]);
  });
});
