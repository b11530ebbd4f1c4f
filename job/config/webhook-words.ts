/** What is done about images that are missing when something that needs them is admitted. */
export const admissionPolicies = ["wait", "background", "verify-only", "rewrite", "off"] as const;

export type AdmissionPolicy = (typeof admissionPolicies)[number];

/** What becomes of something whose images are not there in time, or of which nobody can say. */
export const failureActions = ["allow", "deny"] as const;

export type FailureAction = (typeof failureActions)[number];
