/** A refusal in STS's words. */
export class StsError extends Error {
  override readonly name = "StsError";
  readonly status: number;
  /** AWS's name: `AccessDenied`, `ValidationError`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function accessDenied(message: string): StsError {
  return new StsError(403, "AccessDenied", message);
}

export function validationError(message: string): StsError {
  return new StsError(400, "ValidationError", message);
}
