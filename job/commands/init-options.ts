import type { Command } from "commander";
import { collect } from "./options.ts";

/** The options of `init`. */
export function addInitOptions(command: Command): Command {
  return command
    .option(
      "--environment <name=registry>",
      "an environment, in the order of promotion: NAME=ACCOUNT/REGION[/PREFIX] or NAME=HOST[/PREFIX]; may be repeated",
      collect,
    )
    .option(
      "--from <registry>",
      "one route instead of environments: where images come from, HOST[/PREFIX][,…]",
    )
    .option("--to <registry>", "where they go to: HOST[/PREFIX]")
    .option("--create-repositories", "create repositories that are missing when promoting")
    .option("--output-file <file>", "file to write; - is standard output (default promoter.yaml)")
    .option("--force", "overwrite the file if it exists");
}

/** What help says of `init` below its options. */
export const initHelp = `
Without --environment and --from it asks, on a terminal.

Examples:
  # asks for everything
  image-promoter init

  # built in development, promoted to staging, and on to production
  image-promoter init --environment development=111111111111/eu-west-1 \\
    --environment staging=333333333333/eu-west-1 --environment production=222222222222/eu-west-1

  # one route, to standard output
  image-promoter init --from dev.example.com --to prod.example.com --output-file -
`;
