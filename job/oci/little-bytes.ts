/** Bytes that hardly take longer to send than to ask for, 1 MiB. */
export const littleBytes: number = 1024 * 1024;
