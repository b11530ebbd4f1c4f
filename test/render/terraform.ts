import { describe } from "vitest";
import { findTool } from "../tool.ts";

/**
 * `describe` with a real terraform, formatting only; where there is none, the title says so. No package registry has
 * terraform, so `scripts/tools.sh` cannot bring it and nobody can be required to have it.
 */
export function describeWithTerraform(body: (terraform: string) => void): void {
  const terraform = findTool("terraform");
  if (terraform !== undefined) describe("with terraform", () => body(terraform));
  else
    describe.skip("with terraform (terraform is missing: install it and put it on the PATH)", () => body(""));
}
