import { parseDuration } from "./duration.ts";
import { defaulted } from "./setting-forms.ts";

/** How long a service may go on after it was told to stop. */
export const drainSetting = drainSettingFor("work");

/** @param work what goes on: `promotions`. */
export function drainSettingFor(work: string) {
  return defaulted({
    flag: "--drain <duration>",
    variable: "PROMOTER_DRAIN",
    description: `how long ${work} may go on after SIGTERM; default 25s`,
    parse: parseDuration,
    default: 25_000,
  });
}
