/** Raised quotas, for runs that are counted and not timed: ECR's default ones would hold them up for a minute. */
export const unhurried = {
  env: {
    PROMOTER_ECR_QUOTA: ["PutImage", "InitiateLayerUpload", "CompleteLayerUpload"]
      .map((action) => `${action}=10000`)
      .join(","),
  },
} as const;
