import { runCli } from "./cli.ts";
import { exitCodes } from "./commands/exit-code.ts";
import { PromoterError } from "./error.ts";
import { flushed, systemRuntime } from "./system-runtime.ts";

const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** What Node ends with when its work is done and a module is not. */
const neverEnded = 13;

/** Runs the command line of this process, and ends it. */
async function main(): Promise<never> {
  const output = { isLost: false };
  process.stdout.once("error", (error: NodeJS.ErrnoException) => {
    // Who reads `| head` has seen enough; a result that a full disk did not take is missing.
    output.isLost = error.code !== "EPIPE";
    if (output.isLost)
      process.stderr.write(`error: Cannot write the result to standard output: ${error.message}\n`);
  });
  // Work that was forgotten is not work that is done: whoever asked for it is not told so.
  process.once("beforeExit", () => {
    process.stderr.write("error: The command came to no end\n");
    process.exit(neverEnded);
  });

  const controller = new AbortController();
  const stop: { code?: number } = {};
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for what is being put in order.
      if (stop.code !== undefined) process.exit(stop.code);
      stop.code = signalCodes[signal];
      controller.abort(
        new PromoterError("Aborted", `Stopped by ${signal}`, {
          temporary: true,
          hint: "Run it again: what is at the destination already is not sent again",
        }),
      );
    });
  }

  const code = await runCli(
    process.argv.slice(2),
    systemRuntime(process, controller.signal),
    controller.signal,
  );
  await flushed(process);
  const result = code === 0 && output.isLost ? exitCodes.temporary : code;
  // As process 1 of a container nothing else ends us, and connections kept warm would keep us waiting.
  process.exit(result === 0 ? 0 : (stop.code ?? result));
}

// Not awaited here: as bundled, this is a script, and only modules can wait.
void main();
