import { runCli } from "./cli.ts";
import { exitCodes } from "./commands/exit-code.ts";
import { PromoterError } from "./error.ts";
import { flushed, systemRuntime } from "./system-runtime.ts";

const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const;

let isLost = false;
process.stdout.once("error", (error: NodeJS.ErrnoException) => {
  // Who reads `| head` has seen enough; a result that a full disk did not take is missing.
  isLost = error.code !== "EPIPE";
  if (isLost) process.stderr.write(`error: Cannot write the result to standard output: ${error.message}\n`);
});

const controller = new AbortController();
let stopCode: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for what is being put in order.
    if (stopCode !== undefined) process.exit(stopCode);
    stopCode = signalCodes[signal];
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
const result = code === 0 && isLost ? exitCodes.temporary : code;
// As process 1 of a container nothing else ends us, and connections kept warm would keep us waiting.
process.exit(result === 0 ? 0 : (stopCode ?? result));
