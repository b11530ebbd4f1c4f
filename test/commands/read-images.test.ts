import { describe, expect, it } from "vitest";
import { runCommand } from "../scenarios/command-run.ts";

const workflow = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: build}
spec:
  templates:
    - container:
        image: "{{inputs.parameters.image}}"
`;

describe("images that only a workflow knows", () => {
  it("are warned of, with their place", async () => {
    const args = ["promote", "-f", "-", "--from", "a.test", "--to", "b.test"];
    const run = await runCommand(args, { input: workflow });
    expect(run.code).toBe(0);
    const [warning] = run.stderr.split("\n");
    expect(JSON.parse(warning ?? "")).toMatchObject({
      level: "warn",
      image: "{{inputs.parameters.image}}",
      origin: "standard input:7:16 (Workflow build, spec.templates[0].container.image)",
      hint: expect.stringContaining("--images-file"),
    });
  });

  it("are not warned of under --log-level error", async () => {
    const args = ["promote", "-f", "-", "--from", "a.test", "--to", "b.test", "--log-level", "error"];
    expect(await runCommand(args, { input: workflow })).toMatchObject({ code: 0, stderr: "" });
  });
});
