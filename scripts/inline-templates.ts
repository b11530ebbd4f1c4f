import type { Plugin } from "esbuild";
import { templateSources } from "../job/render/template-sources.ts";

/** Puts the texts of `templates/` into the bundle, in the place of the module that reads them from their folder. */
export const inlineTemplates: Plugin = {
  name: "inline-templates",
  setup(build) {
    build.onLoad({ filter: /[\\/]render[\\/]template-sources\.ts$/ }, () => ({
      contents: `export const templateSources = ${JSON.stringify(templateSources)};`,
      loader: "js",
    }));
  },
};
