import { type Command, Option } from "commander";
import type { Run } from "./command.ts";
import { addSettingOptions, collect, outputSettings } from "./options.ts";

/** `index create`, `index append` and `index inspect`. */
export function addIndexCommands(program: Command, run: Run): void {
  const index = program
    .command("index")
    .summary("make one multi-architecture image of several")
    .description(
      "Assembles multi-architecture indexes in the registry, of images that are there: no layer is pulled, and nothing runs as root.",
    );
  const take = (load: Parameters<Run>[0]) => (name: string | undefined, images: string[], flags: object) =>
    run(load)([...(name === undefined ? [] : [name]), ...images], flags);

  const create = addMakingOptions(
    index
      .command("create")
      .summary("make an index of images")
      .description(
        "Makes an index of images, or one for each repository that a metadata-multi.yaml describes.",
      )
      .argument("[index]", "the index to make: registry.example.com/team/app:1.2")
      .argument("[image...]", "its images; :TAG and @DIGEST are in the index's own repository"),
  )
    .option("--metadata <file>", "metadata-multi.yaml: which repositories are built for which architectures")
    .option("--tag <tag>", "what {tag} stands for in it")
    .option("--repository <pattern>", "only these repositories of it; may be repeated", collect);
  addRegistryOptions(create)
    .addHelpText("after", createHelp)
    .action(take(async () => (await import("./index-create.ts")).createIndex));

  const append = addMakingOptions(
    index
      .command("append")
      .summary("add images to an index")
      .description("Adds images to an index that is there; what it has stays.")
      .argument("<index>", "the index to extend")
      .argument("<image...>", "images to add; :TAG and @DIGEST are in the index's own repository"),
  );
  addRegistryOptions(append)
    .addHelpText("after", appendHelp)
    .action(take(async () => (await import("./index-create.ts")).appendToIndex));

  const inspect = index
    .command("inspect")
    .summary("show what an index holds")
    .description("Shows the platforms, digests, annotations and attestations of an index.")
    .argument("<image...>", "indexes, or single images");
  addSettingOptions(inspect, ...reading, ...outputSettings)
    .addHelpText("after", inspectHelp)
    .action(run(async () => (await import("./index-inspect.ts")).inspectIndexes));
}

const reading = [
  "config",
  "concurrency",
  "timeout",
  "insecureRegistry",
  "registryEndpoint",
  "blobHost",
] as const;

function addMakingOptions(command: Command): Command {
  return command
    .option("--annotation <key=value>", "annotation of the index; may be repeated", collect)
    .option(
      "--manifest-annotation <image=key=value>",
      "annotation of one image's entry, by the image as it is named; may be repeated",
      collect,
    )
    .option(
      "--platform <image=platform>",
      "what an image runs on, whatever its configuration says: IMAGE=linux/arm64/v8; may be repeated",
      collect,
    )
    .addOption(
      new Option("--format <format>", "media types of the index; default oci, or as it is").choices([
        "oci",
        "docker",
      ]),
    )
    .option("--replace", "let a later image take the place of one for the same platform")
    .option("--dry-run", "say what the index would be, and write nothing");
}

function addRegistryOptions(command: Command): Command {
  return addSettingOptions(
    command,
    "overwrite",
    "referrers",
    "createRepositories",
    ...reading,
    ...outputSettings,
  );
}

const exitCodes = `
Exit codes: 0 done; 1 not done, trying again may help; 4 not done, trying again will not help; 2 wrong usage.
`;

const createHelp = `${exitCodes}
Images of other repositories are brought along: mounted where the registry mounts, else copied. Of an image that is an
index itself (BuildKit pushes such for its attestations), the members are taken.

Examples:
  # instead of buildah manifest create, add, add and push
  image-promoter index create 111111111111.dkr.ecr.eu-west-1.amazonaws.com/app:1.2 :1.2-amd64 :1.2-arm64

  # all repositories of a release
  image-promoter index create --metadata metadata-multi.yaml --tag 1.2
`;

const appendHelp = `${exitCodes}
Another process that changes the same index meanwhile is noticed, and the index is read again. Between the last look and
the push lies one request: where builds end at the same time, let one "index create" follow them all.

Example:
  image-promoter index append registry.example.com/team/app:1.2 :1.2-s390x --annotation org.opencontainers.image.version=1.2
`;

const inspectHelp = `
Exit codes: 0 done; 4 an image is not there; 1 the registry could not be asked; 2 wrong usage.

Example:
  image-promoter index inspect registry.example.com/team/app:1.2 -o json
`;
