import { describe, it } from "vitest";
import { findTool, toolsAreRequired } from "../tool.ts";

/** `describe` with a real terraform, formatting only; where there is none, the title says so. */
export function describeWithTerraform(body: (terraform: string) => void): void {
  const terraform = findTool("terraform");
  if (terraform !== undefined) {
    describe("with terraform", () => body(terraform));
    return;
  }
  const title = "with terraform (terraform is missing: install it and put it on the PATH)";
  if (toolsAreRequired()) {
    it(title, () => {
      throw new Error(title);
    });
  } else {
    describe.skip(title, () => body(""));
  }
}
