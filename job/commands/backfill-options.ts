import { type Command, InvalidArgumentError, Option } from "commander";
import type { Run } from "./command.ts";
import { addJobReleaseOptions, addJobTemplateOptions } from "./inject-options.ts";
import { addSettingOptions, imageSettings } from "./options.ts";
import { addOutputOptions, renderedImages } from "./render-options.ts";

/** `render backfill`. */
export function addBackfillCommand(render: Command, run: Run): void {
  const command = render
    .command("backfill")
    .summary("write a Job of many pods for very many images")
    .description(
      "Writes an Indexed Job that moves what is there already: each of its pods promotes a share of the images, and all of them together keep within the quotas of both accounts. Images are listed in ConfigMaps, or chosen by the rules of sync.",
    )
    .argument("[image...]", renderedImages);
  addSettingOptions(command, ...imageSettings, "ecrQuota", "missingOnly");
  addOutputOptions(addJobReleaseOptions(addJobTemplateOptions(addIndexOptions(command))))
    .addHelpText("after", backfillHelp)
    .action(run(async () => (await import("./render-backfill.ts")).renderBackfillFiles));
}

function addIndexOptions(command: Command): Command {
  return command
    .option("--sync", "let each pod run sync, by the rules of the --config file, which goes along whole")
    .option("--parallelism <number>", "pods at a time, which share the quotas (default: 4)", atLeast(1))
    .option(
      "--completions <number>",
      "shards; more of them than pods even out, and less is begun anew (default: 4 for each pod)",
      atLeast(1),
    )
    .addOption(
      new Option(
        "--shard-by <what>",
        "what stays in one shard; without it repositories, where that divides the images evenly",
      ).choices(["repository", "image"]),
    )
    .option("--backoff-limit-per-index <number>", "how often a shard is tried again (default: 3)", atLeast(0))
    .option("--max-failed-indexes <number>", "failed shards above which all are ended", atLeast(0))
    .option("--succeeded-count <number>", "shards that suffice: the others are ended then", atLeast(1));
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= 100_000) return value;
    throw new InvalidArgumentError(`It is no whole number from ${least} to 100000.`);
  };
}

const backfillHelp = `
Exit codes: 0 done; 2 values or usage are wrong; 3 with --check, some files are not current.

docs/backfill.md says how many pods to take, what bounds them, and which quotas to have raised.

Examples:
  # twenty thousand images, eight pods at a time
  image-promoter render backfill --images-file images.txt --config promoter.yaml \\
    --name move --namespace promoter --parallelism 8 --output-dir backfill
  kubectl apply -f backfill

  # whatever the rules of sync choose, with PutImage raised to a hundred a second
  image-promoter render backfill --sync --config promoter.yaml --name move --namespace promoter \\
    --parallelism 16 --ecr-quota PutImage=100 | kubectl apply -f -
`;
