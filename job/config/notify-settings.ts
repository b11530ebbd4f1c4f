import { PromoterError } from "../error.ts";
import type { notificationFormats, notificationOccasions } from "./notification-words.ts";
import { parsePublicNotifyAddress } from "./notify-address.ts";
import { notifySettings } from "./notify-setting-table.ts";
import type { PromoterConfiguration } from "./schema.ts";
import { isReference, referenceBeside } from "./secret-reference.ts";
import { givenBy, type SettingSources, settingOf } from "./setting.ts";

/** Where the report of a promotion is posted, in what form, and when. */
export interface NotificationTarget {
  /** An address, or a text whose references stand for one. */
  readonly url: string;
  /** `auto`: a Slack message where the host is Slack's, else JSON. */
  readonly format: (typeof notificationFormats)[number];
  readonly when: (typeof notificationOccasions)[number];
  /** Values may hold references. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the configuration file names it, so that no secret stands in it. */
  readonly isWritten: boolean;
}

/**
 * Who is told: those of flags or variables, and those of the configuration file. What a flag or a variable says of form and
 * occasion goes for all that say nothing of it themselves.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`; for a secret on the command line, which is not repeated.
 */
export function notifyOf(sources: SettingSources): readonly NotificationTarget[] {
  const { notify, notifyFormat, notifyWhen, notifyAuthorization } = notifySettings;
  const urls = settingOf(notify, sources);
  if (givenBy(notify, sources) === "flag") for (const url of urls) refuseSecret(url);
  const authorization = settingOf(notifyAuthorization, sources);
  if (
    authorization !== undefined &&
    givenBy(notifyAuthorization, sources) === "flag" &&
    !isReference(authorization)
  ) {
    throw onCommandLine("The Authorization header to notify with");
  }
  const format = settingOf(notifyFormat, sources);
  const when = settingOf(notifyWhen, sources);
  const given = urls.map(
    (url): NotificationTarget => ({
      url,
      format: format ?? "auto",
      when: when ?? "changes",
      headers: authorization === undefined ? {} : { authorization },
      isWritten: false,
    }),
  );
  const source = sources.configuration?.source ?? "";
  const written = (sources.configuration?.notify ?? []).map((entry) =>
    writtenTarget({ ...(format && { format }), ...(when && { when }), ...entry }, source),
  );
  return [...given, ...written];
}

function writtenTarget(
  {
    url,
    format = "auto",
    when = "changes",
    headers = {},
  }: NonNullable<PromoterConfiguration["notify"]>[number],
  source: string,
): NotificationTarget {
  const beside = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    referenceBeside(source, value),
  ]);
  return {
    url: referenceBeside(source, url),
    format,
    when,
    headers: Object.fromEntries(beside),
    isWritten: true,
  };
}

function refuseSecret(url: string): void {
  try {
    parsePublicNotifyAddress(url);
  } catch (cause) {
    if (!(cause instanceof PromoterError)) throw cause;
    throw onCommandLine("The address of a Slack webhook");
  }
}

function onCommandLine(what: string): PromoterError {
  return new PromoterError(
    "Usage",
    `${what} is a secret, and everybody on this machine can read a command line`,
    {
      hint: `Put it into a variable and write '\${env:NAME}', or into a file and write file:PATH; or set the flag's own variable`,
    },
  );
}
