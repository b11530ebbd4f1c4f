/** What the API server is answered, with its patch decoded. */
export interface Review {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string; readonly reason: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly patch: readonly { readonly op: string; readonly path: string; readonly value: string }[];
}

export interface ReviewOptions {
  readonly object: object;
  readonly oldObject?: object;
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly operation?: string;
  readonly namespace?: string;
  readonly dryRun?: boolean;
  readonly subResource?: string;
  readonly uid?: string;
}

/** An AdmissionReview as the API server writes it. */
export function review(options: ReviewOptions): object {
  const { object, oldObject = null, operation = "CREATE", namespace = "shop", dryRun = false } = options;
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: options.uid ?? "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: options.kind ?? { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      ...(options.subResource !== undefined && { subResource: options.subResource }),
      name: "web",
      namespace,
      operation,
      userInfo: { username: "admin", groups: ["system:authenticated"] },
      object,
      oldObject,
      dryRun,
      options: { apiVersion: "meta.k8s.io/v1", kind: "CreateOptions" },
    },
  };
}

export interface PodOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A pod with these images. */
export function pod(images: readonly string[], { annotations, labels }: PodOptions = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "web",
      namespace: "shop",
      ...(annotations && { annotations }),
      ...(labels && { labels }),
    },
    spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) },
  };
}
