import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { WriteStream } from "node:tty";
import { systemClock } from "./async/clock.ts";
import type { Output, Runtime } from "./runtime.ts";

/** The real process as a runtime. A reader that goes away early (`| head`) ends the output, not the promotion. */
export function systemRuntime(process: NodeJS.Process): Runtime {
  return {
    env: process.env,
    clock: systemClock,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    readInput: () => text(process.stdin),
    readFile: (path) => readFile(path, "utf8"),
    writeFile: (path, content) => writeFile(path, content),
  };
}

function output(stream: WriteStream): Output {
  let open = true;
  stream.on("error", () => {
    open = false;
  });
  return {
    write(content) {
      if (open) stream.write(content);
    },
    get isTerminal() {
      return stream.isTTY ?? false;
    },
    get columns() {
      return stream.columns ?? 80;
    },
  };
}
