/** What is posted; `auto` goes by the host. */
export const notificationFormats = ["auto", "json", "slack"] as const;
/** When something is posted. */
export const notificationOccasions = ["always", "changes", "failure"] as const;
