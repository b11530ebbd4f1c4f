/** The address of a git repository without whatever stands before its host: a token, a name with a password. */
export function redactedAddress(address: string): string {
  return address.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, "$1");
}
