import { runToEnd } from "../parts/run-to-end.ts";

/** LocalStack 2026.3 needs 3.12 or newer; its locked dependencies have no wheels for 3.14 and later. */
const SUITABLE = /^3\.1[23]\./;

/** pyenv has a program for each version; Debian and Homebrew call it by its version; elsewhere it is `python3`. */
const CANDIDATES = ["python3.13", "python3.12", "python3"] as const;

const ask = "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.executable)";

/** Path of a Python 3.12 or 3.13. @throws Error that says what to install. */
export async function locatePython(): Promise<{ readonly file: string; readonly version: string }> {
  for (const variables of [{}, ...(await pyenvVersions())])
    for (const candidate of CANDIDATES) {
      const answer = await runToEnd(candidate, ["-c", ask], {
        workingFolder: "/",
        environment: variables,
      }).catch(() => "");
      const [version = "", file = ""] = answer.trim().split(" ");
      if (SUITABLE.test(version)) return { file, version };
    }
  throw new Error("There is no Python 3.12 or 3.13 (with venv): install one, LocalStack and moto run on it");
}

/** A pyenv shim answers only for versions that are switched on; this switches each suitable one on. */
async function pyenvVersions(): Promise<readonly Readonly<Record<string, string>>[]> {
  const output = await runToEnd("pyenv", ["versions", "--bare"], { workingFolder: "/" }).catch(() => "");
  return output
    .split("\n")
    .map((it) => it.trim())
    .filter((it) => SUITABLE.test(it))
    .reverse()
    .map((version) => ({ PYENV_VERSION: version }));
}
