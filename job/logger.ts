import type { Clock } from "./async/clock.ts";
import type { Log } from "./log.ts";
import { redactFields, redactText } from "./redaction.ts";
import { painter } from "./report/color.ts";
import { escapeForTerminal, escapeInsideQuotes } from "./report/terminal-text.ts";
import type { Output } from "./runtime.ts";

const levels = ["debug", "info", "warn", "error", "silent"] as const;
const styles = { debug: "gray", info: "blue", warn: "yellow", error: "red" } as const;

type Severity = keyof Log;
export type LogLevel = (typeof levels)[number];
/** `auto` is text on a terminal, and JSON elsewhere. */
export type LogFormat = "auto" | "text" | "json";

export interface LoggerOptions {
  readonly output: Output;
  /** The least severe that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** Whether text is coloured. Default: on a terminal. */
  readonly color?: boolean;
}

export interface Logger extends Log {
  /** Resolves when everything that was logged is written: to be awaited before the process is ended. */
  flush(): Promise<void>;
}

interface LogRecord {
  readonly severity: Severity;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

interface Sink {
  write(record: LogRecord): void;
  flush(): Promise<void>;
}

/** A log for people or for programs. Secrets are taken out of messages and fields before anything sees them. */
export function createLogger(options: LoggerOptions): Logger {
  const { output, level, format, clock } = options;
  const asText = format === "text" || (format === "auto" && output.isTerminal);
  const sink = asText ? textSink(options) : jsonSink(output);
  const at = (severity: Severity) => (fields: object, message: string) => {
    if (levels.indexOf(severity) < levels.indexOf(level)) return;
    sink.write({ severity, at: clock.now(), fields: redactFields(fields), message: redactText(message) });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), flush: sink.flush };
}

/** `warn  Cannot post an Event: … code=Denied`, the hint on a line of its own; at level `debug` with the time since the start. */
function textSink({ output, level, clock, color }: LoggerOptions): Sink {
  const paint = painter(color ?? output.isTerminal);
  const start = clock.now();
  return {
    write({ severity, at, fields, message }) {
      const { hint, ...others } = fields;
      const since = level === "debug" ? `${((at - start) / 1000).toFixed(3).padStart(8)} ` : "";
      const pairs = Object.entries(others)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${escapeForTerminal(key)}=${fieldText(value)}`);
      const line = `${paint("gray", since)}${paint(styles[severity], severity.padEnd(5))} ${escapeForTerminal(message)}${paint("gray", pairs.join(""))}\n`;
      const advice =
        typeof hint === "string" ? `      ${paint("cyan", "→")} ${escapeForTerminal(hint)}\n` : "";
      output.write(line + advice);
    },
    flush: () => Promise.resolve(),
  };
}

function fieldText(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return escapeForTerminal(value);
  return escapeInsideQuotes(JSON.stringify(value) ?? "undefined");
}

/** JSON lines by pino, which is loaded while the first answers are waited for. */
function jsonSink(output: Output): Sink {
  const waiting: LogRecord[] = [];
  let write = (record: LogRecord): void => void waiting.push(record);
  let loaded: Promise<void> | undefined;
  const load = () => {
    loaded ??= pinoWriter(output).then((writer) => {
      write = writer;
      for (const early of waiting) write(early);
    });
  };
  // By then the first requests are on their way, and there is nothing else to do.
  setImmediate(load).unref();
  return {
    write(record) {
      write(record);
      load();
    },
    flush: async () => loaded,
  };
}

async function pinoWriter(output: Output): Promise<(record: LogRecord) => void> {
  const { pino } = await import("pino");
  const settings = {
    base: null,
    level: "debug",
    timestamp: false,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(settings, { write: (line: string) => output.write(escapeInsideQuotes(line)) });
  return ({ severity, at, fields, message }) =>
    logger[severity]({ time: new Date(at).toISOString(), ...fields }, message);
}
