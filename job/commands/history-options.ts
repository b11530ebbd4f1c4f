import type { Command } from "commander";
import type { Run } from "./command.ts";
import { addSettingOptions, collect, outputSettings, readingSettings } from "./options.ts";

/** `history`: the promotions of images, as they were attested. */
export function addHistoryCommand(program: Command, run: Run): void {
  const command = program
    .command("history")
    .summary("tell how images came to be where they are")
    .description(
      "Reads the statements that promote --attest has attached to images, from environment to environment, the newest last.",
    )
    .argument("<image...>", "images, at any registry: 2222….dkr.ecr.eu-west-1.amazonaws.com/app:1.2.3")
    .option(
      "--key <key>",
      "public key that must have signed each statement: file, or awskms:///ARN; may be repeated, any of them suffices",
      collect,
    );
  addSettingOptions(command, "config", ...readingSettings, ...outputSettings)
    .addHelpText("after", help)
    .action(run(async () => (await import("./history.ts")).history));
}

const help = `
Each statement is
  verified    one of the given keys has signed it;
  unverified  it is signed by a key that was not given;
  unsigned    nobody has signed it: it is worth what the right to push to the registry is worth;
  forged      it contradicts the image, or its signature.

Exit codes: 0 all was read; 4 an image is not there, a statement is forged, or, with --key, one is not verified or there
is none; 1 the registry could not be asked; 2 wrong usage.

Examples:
  image-promoter history 222222222222.dkr.ecr.eu-west-1.amazonaws.com/app:1.4.2

  # prove it by the public half of the key that promotions are signed with
  image-promoter history 222222222222.dkr.ecr.eu-west-1.amazonaws.com/app:1.4.2 --key cosign.pub -o json
`;
