/** What git itself, curl and ssh read of an environment without being told secrets or other programs by it. */
const inherited = [
  "PATH",
  "TMPDIR",
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "ALL_PROXY",
  "all_proxy",
  "NO_PROXY",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
] as const;

/** Settings that hold whatever the machine, its users and the repositories say. */
const settings: Readonly<Record<string, string>> = {
  // Nothing of a repository is run.
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  "core.autocrlf": "false",
  "core.askPass": "",
  "credential.helper": "",
  // Nothing goes on in the background when the program has ended.
  "gc.auto": "0",
  "maintenance.auto": "false",
  "fetch.writeCommitGraph": "false",
  // Credentials are for the server that they were given for.
  "http.followRedirects": "false",
  "http.lowSpeedLimit": "1",
  "http.lowSpeedTime": "60",
  "protocol.version": "2",
  "push.default": "nothing",
  "advice.detachedHead": "false",
  "submodule.recurse": "false",
};

/**
 * The environment that git runs with: no configuration but ours, no questions, English, and only protocols that run no
 * programs.
 *
 * @param home an empty folder of its own.
 */
export function gitEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Record<string, string> {
  const kept = inherited.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_ALLOW_PROTOCOL: "https:http:ssh:file",
    ...configEnvironment(settings),
  };
}

/** Settings as variables: those of another call of this do not hold beside them, so all are given at once. */
export function configEnvironment(given: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(given).map(
    ([key, value], index) =>
      [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ] as const,
  );
  return { GIT_CONFIG_COUNT: String(pairs.length), ...Object.fromEntries(pairs.flat()) };
}

/** The settings that always hold, and more. */
export function withSettings(more: Readonly<Record<string, string>>): Record<string, string> {
  return configEnvironment({ ...settings, ...more });
}
