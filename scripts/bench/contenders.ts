import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { findTool } from "../../test/tool.ts";
import type { Command } from "./measured-run.ts";

/** Images on their way from one registry to another, each below a prefix. */
export interface Journey {
  /** Host, port and prefix: `127.0.0.1:5000/bench`. */
  readonly from: string;
  readonly to: string;
  /** `small:v1`, the same on both sides. */
  readonly names: readonly string[];
  /** Whether peers are to look for signatures and referrers, too, where they can. Default false. */
  readonly attachments?: boolean;
}

/** Something that promotes images. */
export interface Contender {
  readonly name: string;
  /** The command that does it all. */
  command(journey: Journey): Promise<Command>;
}

export interface ContenderOptions {
  /** The bundle. */
  readonly program: string;
  /** An empty home: nobody's logins, nobody's settings. */
  readonly home: string;
}

export const ourName = "image-promoter";

/** What peers are looked for, in the table's order. */
export const peerNames = ["crane", "regctl", "regsync", "oras", "skopeo"] as const;
export type PeerName = (typeof peerNames)[number];

/** The environment of whatever is measured. */
export function bareEnvironment(home: string): Record<string, string | undefined> {
  return { PATH: process.env.PATH, HOME: home, DOCKER_CONFIG: home };
}

/** The program itself, as the Job runs it. */
export function promoter({ program, home }: ContenderOptions): Contender {
  return {
    name: ourName,
    async command({ from, to, names }) {
      const images = names.map((name) => `${to}/${name}`);
      const line = [process.execPath, program, "promote", "--from", from, "--to", to, ...images];
      return { line, env: bareEnvironment(home) };
    },
  };
}

type Line = (
  program: string,
  journey: Journey,
  home: string,
) => readonly string[] | Promise<readonly string[]>;

/** Each with its defaults; several images in one process only where the tool has that, `crane` eight at a time. */
const lines: Readonly<Record<PeerName, Line>> = {
  crane: (program, { from, to, names }) => {
    const pairs = names.flatMap((name) => [`${from}/${name}`, `${to}/${name}`]);
    if (pairs.length === 2) return [program, "copy", ...pairs];
    return ["sh", "-c", 'crane=$0; printf "%s\\n" "$@" | xargs -P 8 -n 2 "$crane" copy', program, ...pairs];
  },
  regctl: (program, journey) => [program, ...insecure(journey), "image", "copy", ...onePair(journey)],
  regsync: async (program, { from, to, names, attachments = false }, home) => {
    const hosts = [from, to].map((place) => place.split("/")[0]);
    const config = join(home, "regsync.yml");
    const content = {
      version: 1,
      creds: hosts.map((registry) => ({ registry, tls: "disabled" })),
      defaults: { parallel: 8 },
      sync: names.map((name) => ({
        source: `${from}/${name}`,
        target: `${to}/${name}`,
        type: "image",
        digestTags: attachments,
        referrers: attachments,
      })),
    };
    await writeFile(config, JSON.stringify(content));
    return [program, "once", "-c", config];
  },
  oras: (program, journey) => [
    ...[program, "cp", "--no-tty", "-r", "--from-plain-http", "--to-plain-http"],
    ...onePair(journey),
  ],
  skopeo: (program, journey) => [
    ...[program, "--insecure-policy", "copy", "-q", "--all"],
    ...["--src-tls-verify=false", "--dest-tls-verify=false"],
    ...onePair(journey).map((name) => `docker://${name}`),
  ],
};

/** A peer, or `undefined` when it is not on this machine. */
export function peer(name: PeerName, home: string): Contender | undefined {
  const program = findTool(name);
  if (program === undefined) return undefined;
  return {
    name,
    command: async (journey) => ({
      line: await lines[name](program, journey, home),
      env: bareEnvironment(home),
    }),
  };
}

function onePair({ from, to, names }: Journey): readonly [string, string] {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new Error("It copies one image at a time");
  return [`${from}/${name}`, `${to}/${name}`];
}

function insecure({ from, to }: Journey): readonly string[] {
  return [from, to].flatMap((place) => ["--host", `reg=${place.split("/")[0]},tls=disabled`]);
}
