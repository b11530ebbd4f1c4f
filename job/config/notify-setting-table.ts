import { notificationFormats, notificationOccasions } from "./notification-words.ts";
import { parseNotifyAddress } from "./notify-address.ts";
import { checkReferences } from "./secret-reference.ts";
import { choice, list, setting } from "./setting-forms.ts";

/** The settings of who is told of a promotion. */
export const notifySettings = {
  notify: list({
    flag: "--notify <url>",
    variable: "PROMOTER_NOTIFY",
    description: `post the report here: an address, or \${env:NAME} or file:PATH where that is a secret`,
    path: "notify[].url",
    parse: parseNotifyAddress,
  }),
  notifyFormat: choice({
    flag: "--notify-format <format>",
    variable: "PROMOTER_NOTIFY_FORMAT",
    description: "what is posted; auto, the default: a Slack message to hooks.slack.com, else the report",
    path: "notify[].format",
    choices: notificationFormats,
  }),
  notifyWhen: choice({
    flag: "--notify-when <occasion>",
    variable: "PROMOTER_NOTIFY_WHEN",
    description: "when it is posted; changes, the default, are failures too",
    path: "notify[].when",
    choices: notificationOccasions,
  }),
  notifyAuthorization: setting({
    flag: "--notify-authorization <reference>",
    variable: "PROMOTER_NOTIFY_AUTHORIZATION",
    description: `the Authorization header that goes along: 'Bearer \${env:NAME}', or file:PATH`,
    path: "notify[].headers",
    parse: checkReferences,
  }),
} as const;
