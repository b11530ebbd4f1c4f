import { type Command, Option } from "commander";

/** Flags of every command that reads images and knows registries. Defaults and variables are the settings' affair. */
export function addPromotionOptions(command: Command): Command {
  return addRegistryOptions(
    command
      .argument("[image...]", "images by their destination: 1111….dkr.ecr.eu-west-1.amazonaws.com/app:1.2.3")
      .option(
        "-f, --filename <file>",
        "images of Kubernetes manifests; - is standard input; may be repeated",
        collect,
      )
      .option("--images-file <file>", "one image per line; - is standard input; may be repeated", collect)
      .option(
        "--image-path <path>",
        "one more place of images in custom resources: [Kind:]spec.image; may be repeated",
        collect,
      )
      .option("--from <registry>", "where images come from: HOST[/PREFIX][,…], tried in this order")
      .option("--to <registry>", "where they go to: HOST[/PREFIX]")
      .option("--strict", "fail when no route leads to an image")
      .addOption(new Option("--overwrite <policy>", "whether tags may move").choices(["mutable", "never"]))
      .addOption(
        new Option("--referrers <policy>", "signatures, attestations, SBOMs").choices([
          "all",
          "none",
          "required",
        ]),
      )
      .option("--create-repositories", "create repositories that are missing at the destination"),
  );
}

function addRegistryOptions(command: Command): Command {
  return command
    .option("--config <file>", "promoter.yaml, for more than flags can say")
    .option("--concurrency <number>", "requests and transfers at the same time (default 16)")
    .option("--timeout <duration>", "give up after this time: 90s, 10m")
    .option("--insecure-registry <host>", "speak plain HTTP to this registry; may be repeated", collect)
    .option(
      "--registry-endpoint <host=url>",
      "connect elsewhere for this registry (VPC endpoint, emulator); may be repeated",
      collect,
    )
    .addOption(
      new Option("-o, --output <format>", "format of the result").choices([
        "text",
        "json",
        "yaml",
        "markdown",
      ]),
    )
    .addOption(
      new Option("--log-level <level>", "least severe message on standard error").choices([
        "debug",
        "info",
        "warn",
        "error",
      ]),
    )
    .addOption(
      new Option("--log-format <format>", "auto is text on a terminal").choices(["auto", "text", "json"]),
    );
}

/** Gathers the values of an option that may be repeated. */
function collect(value: string, gathered: readonly string[] = []): readonly string[] {
  return [...gathered, value];
}
