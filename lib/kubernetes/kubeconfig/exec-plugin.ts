/**
 * Runs a credential plugin of a kubeconfig (`aws eks get-token`, `kubelogin`, `gke-gcloud-auth-plugin`) as client-go does.
 * Not client-node's ExecAuth: that one has no time limit, gives the plugin no KUBERNETES_EXEC_INFO and throws raw stderr.
 * Source: kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { spawn } from "node:child_process";
import { UnreachableError } from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt, stringsAt } from "../../model/read-json.ts";

export type ExecPlugin = {
  readonly spec: JsonObject;
  /** `context "prod" of FILE`, for messages. */
  readonly origin: string;
  /** The cluster entry, for plugins that ask for it (`provideClusterInfo`). */
  readonly clusterEntry: JsonObject;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type ExecCredential = {
  readonly token: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since the epoch; undefined: good for as long as we live. */
  readonly expiresAt: number | undefined;
};

/** A login in a browser may take this long, no longer; in milliseconds. */
const longestRun = 60_000;

/** @throws UnreachableError (layer `credentials`): not installed, failed, silent for too long, or no credential in the answer. */
export async function runExecPlugin(plugin: ExecPlugin, signal: AbortSignal): Promise<ExecCredential> {
  const command = stringAt(plugin.spec, "command") ?? "";
  const failed = (what: string, cause?: unknown) =>
    new UnreachableError(`the credential plugin "${command}" of ${plugin.origin} ${what}`, "credentials", {
      cause,
    });
  if (command === "") throw failed("has no command");
  const output = await run(
    plugin,
    command,
    AbortSignal.any([signal, AbortSignal.timeout(longestRun)]),
    failed,
  );
  const credential = parseCredential(output);
  if (credential === undefined)
    throw failed(
      "did not answer with an ExecCredential that holds a token or a certificate; run it by hand to see what it says",
    );
  return credential;
}

function run(
  plugin: ExecPlugin,
  command: string,
  signal: AbortSignal,
  failed: (what: string, cause?: unknown) => UnreachableError,
): Promise<string> {
  const interactive = stringAt(plugin.spec, "interactiveMode") !== "Never" && process.stdin.isTTY;
  return new Promise((resolve, reject) => {
    const child = spawn(command, stringsAt(plugin.spec, "args"), {
      env: {
        ...plugin.environment,
        ...ownEnvironment(plugin.spec),
        KUBERNETES_EXEC_INFO: execInfo(plugin, interactive),
      },
      stdio: [interactive ? "inherit" : "ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    const told = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (told.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      told.stderr = `${told.stderr}${text}`.slice(-4000);
      if (interactive) process.stderr.write(text);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(failed("did not answer in time", error));
      else if (error.code === "ENOENT")
        reject(failed(`is not installed or not on PATH. ${installHint(plugin.spec)}`.trimEnd(), error));
      else reject(failed(`cannot be run (${error.code ?? "unknown"})`, error));
    });
    child.on("close", (code, killedBy) => {
      if (code === 0) resolve(told.stdout);
      else
        reject(
          failed(
            `failed (${code === null ? String(killedBy) : `exit code ${code}`})${lastLine(told.stderr)}`,
          ),
        );
    });
  });
}

function ownEnvironment(spec: JsonObject): Record<string, string> {
  return Object.fromEntries(
    arrayAt(spec, "env")
      .filter(isJsonObject)
      .map((it) => [stringAt(it, "name") ?? "", stringAt(it, "value") ?? ""] as const)
      .filter(([name]) => name !== ""),
  );
}

function execInfo(plugin: ExecPlugin, interactive: boolean): string {
  const { clusterEntry, spec } = plugin;
  const cluster = {
    server: clusterEntry["server"],
    "tls-server-name": clusterEntry["tls-server-name"],
    "insecure-skip-tls-verify": clusterEntry["insecure-skip-tls-verify"],
    "certificate-authority-data": clusterEntry["certificate-authority-data"],
    "proxy-url": clusterEntry["proxy-url"],
  };
  return JSON.stringify({
    apiVersion: stringAt(spec, "apiVersion") ?? "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    spec: { interactive, ...(spec["provideClusterInfo"] === true ? { cluster } : {}) },
  });
}

function installHint(spec: JsonObject): string {
  const hint = (stringAt(spec, "installHint") ?? "").replace(/\s+/g, " ").trim();
  return hint === "" ? "Install it, or correct exec.command." : hint.slice(0, 300);
}

/** The plugin's own last words, without anything that could be a secret: long unbroken runs are cut out. */
function lastLine(stderr: string): string {
  const line = stderr.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? "" : `: ${line.replace(/[A-Za-z0-9+/_=.-]{40,}/g, "…").slice(0, 300)}`;
}

function parseCredential(output: string): ExecCredential | undefined {
  const value = parseJson(output);
  if (!isJsonObject(value) || value["kind"] !== "ExecCredential") return undefined;
  const status = objectAt(value, "status");
  const token = stringAt(status, "token");
  const certificate = stringAt(status, "clientCertificateData");
  if ((token ?? "") === "" && (certificate ?? "") === "") return undefined;
  const expires = Date.parse(stringAt(status, "expirationTimestamp") ?? "");
  return {
    token,
    certificate,
    key: stringAt(status, "clientKeyData"),
    expiresAt: Number.isNaN(expires) ? undefined : expires,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
