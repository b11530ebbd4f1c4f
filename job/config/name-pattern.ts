/** The name of an environment or of a module: it can stand in the name of a file and of a Kubernetes object, and as a label. */
export const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
