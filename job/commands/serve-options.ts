import type { Command } from "commander";
import { serveSettings } from "../config/webhook-setting-table.ts";
import type { Run } from "./command.ts";
import { addOwnSettings, addSettingOptions, copySettings, fromToSettings, gateSettings } from "./options.ts";

/** `serve`. */
export function addServeCommand(program: Command, run: Run): void {
  const command = program
    .command("serve")
    .summary("promote what a cluster is about to run")
    .description(
      "Answers the admission requests of a Kubernetes API server: images of pods that routes lead to, and that are missing at their destination, are promoted on demand.",
    );
  addOwnSettings(command, serveSettings);
  addSettingOptions(
    command,
    ...fromToSettings,
    "strict",
    ...copySettings,
    ...gateSettings,
    "logLevel",
    "logFormat",
  )
    .addHelpText("after", serveHelp)
    .action((flags: object) => run(async () => (await import("./serve.ts")).serve)([], flags));
}

const serveHelp = `
Answers POST /admit (mutating) and POST /validate by HTTPS, until stopped. --timeout is for each image.

Exit codes: 0 stopped in order by SIGTERM; 1 promotions were broken off; 2 wrong usage.

Examples:
  image-promoter serve --config promoter.yaml --tls-cert-file tls.crt --tls-key-file tls.key

  # pods with an image that nobody promoted are refused
  image-promoter serve --config promoter.yaml --policy verify-only --on-failure deny \\
    --tls-cert-file /etc/tls/tls.crt --tls-key-file /etc/tls/tls.key
`;
