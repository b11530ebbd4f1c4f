import type { ConfigurationDraft } from "../config/configuration-text.ts";
import {
  conflictWith,
  parseEnvironmentName,
  parseRegistryFlag,
  type SaidEnvironment,
} from "../config/environment-flag.ts";
import { PromoterError } from "../error.ts";
import type { Output, Runtime } from "../runtime.ts";

type Ask = NonNullable<Runtime["ask"]>;

/**
 * Asks for what a configuration says, one environment after the other. An answer that cannot be used is explained and
 * asked for again; an empty one is the suggestion in brackets.
 */
export async function askForConfiguration(ask: Ask, notes: Output): Promise<ConfigurationDraft> {
  notes.write(introduction);
  const environments: SaidEnvironment[] = [];
  for (;;) {
    const [suggested, question] = nameQuestions[Math.min(environments.length, 2)] ?? ["", ""];
    const name = await answerTo(ask, notes, `${question}: `, (text) =>
      text === "" && suggested === "" ? undefined : parseEnvironmentName(text === "" ? suggested : text),
    );
    if (name === undefined) break;
    const environment = await answerTo(ask, notes, `  The registry of ${name}: `, (text) => {
      const said = { name, ...parseRegistryFlag(withRegion(text, environments.at(-1))) };
      const problem = conflictWith(environments, said);
      if (problem !== undefined) throw problem;
      return said;
    });
    environments.push(environment);
  }
  const createRepositories = await answerTo(
    ask,
    notes,
    "Create repositories that are missing when promoting? [y/N]: ",
    yesOrNo,
  );
  return { environments, createRepositories };
}

const introduction = `Environments are asked for in the order of promotion, each with its registry: ACCOUNT/REGION for Amazon ECR
(the region may be left out if it is the same as before), else HOST; /PREFIX behind it if repositories begin with one.

`;

/** The suggested name and the question, for the first, the second and every further environment. */
const nameQuestions: readonly (readonly [suggested: string, question: string])[] = [
  ["development", "Where are images built? [development]"],
  ["production", "Where are they promoted to first? [production]"],
  ["", "And from there on to? (nowhere)"],
];

/** An account alone is in the region of the environment before it. */
function withRegion(text: string, before: SaidEnvironment | undefined): string {
  if (before === undefined || "host" in before.registry || !/^\d{12}$/.test(text)) return text;
  return `${text}/${before.registry.region}`;
}

function yesOrNo(text: string): boolean {
  if (/^(?:|n|no)$/i.test(text)) return false;
  if (/^(?:y|yes)$/i.test(text)) return true;
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 100))} is no answer`, {
    hint: "Answer y or n",
  });
}

async function answerTo<T>(ask: Ask, notes: Output, question: string, read: (text: string) => T): Promise<T> {
  for (;;) {
    const text = (await ask(question)).trim();
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof PromoterError)) throw error;
      notes.write(`  ${error.message}\n  ${error.hint ?? ""}\n`);
    }
  }
}
