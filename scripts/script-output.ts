import type { BuildOptions } from "esbuild";

/** How all code of a bundle is written: short but readable in a stack trace. */
export const scriptOutput = {
  bundle: true,
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
  // Whole licence texts are written besides; comments scattered through the bundle are not a substitute.
  legalComments: "none",
  write: false,
  logLevel: "warning",
} as const satisfies BuildOptions;
