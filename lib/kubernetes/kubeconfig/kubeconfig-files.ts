/**
 * Finds, reads and merges kubeconfig files as kubectl does: the first file that says something about a name wins,
 * relative paths are relative to the file they stand in, files of the KUBECONFIG list may be missing. Where there is none at all, a pod's own
 * ServiceAccount serves.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { UsageError } from "../../model/errors.ts";
import type { JsonObject, JsonValue } from "../../model/kubernetes-object.ts";
import { errorCode } from "../requests/classify-failure.ts";
import { inClusterKubeconfig } from "./in-cluster.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { arrayAt, isJsonObject, objectAt, stringAt } from "../../model/read-json.ts";

/** Where to look; `environment` is `process.env` unless a test says otherwise. */
export type KubeconfigPlace = {
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** @throws UsageError when there is no file, or one cannot be read. Messages never quote a file: it holds secrets. */
export async function readKubeconfig(place: KubeconfigPlace): Promise<Kubeconfig> {
  const listed = place.environment["KUBECONFIG"]?.split(delimiter).filter((it) => it !== "") ?? [];
  const usual = join(place.environment["HOME"] ?? homedir(), ".kube", "config");
  const paths = place.file !== undefined ? [place.file] : listed.length > 0 ? listed : [usual];
  const documents: { readonly path: string; readonly document: JsonObject }[] = [];
  for (const path of paths) {
    const document = await readDocument(path, place.file !== undefined);
    if (document !== undefined) documents.push({ path, document });
  }
  if (documents.length === 0) {
    const mounted = await inClusterKubeconfig(place.environment);
    if (mounted !== undefined) return mounted;
    throw new UsageError(
      listed.length > 0
        ? `no kubeconfig: none of the files in KUBECONFIG exists (${listed.join(", ")})`
        : `no kubeconfig: KUBECONFIG is not set and ${usual} does not exist; give --kubeconfig FILE, or --cluster NAME --region REGION for EKS`,
    );
  }
  return {
    origin: documents.map(({ path }) => path).join(", "),
    currentContext: documents
      .map(({ document }) => stringAt(document, "current-context"))
      .find((it) => it !== undefined && it !== ""),
    contexts: merge(documents, "contexts", "context", []),
    clusters: merge(documents, "clusters", "cluster", ["certificate-authority"]),
    users: merge(documents, "users", "user", ["client-certificate", "client-key", "tokenFile", "token-file"]),
  };
}

async function readDocument(path: string, required: boolean): Promise<JsonObject | undefined> {
  try {
    const value: unknown = parse(await readFile(path, "utf8"));
    if (value === null) return {};
    if (isJsonObject(value)) return value;
    throw new UsageError(`${path} is no kubeconfig: it must be a YAML map with clusters, users and contexts`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof YAMLParseError)
      throw new UsageError(
        `${path} is not valid YAML at line ${error.linePos?.[0].line ?? "?"}: mend the file, or give another with --kubeconfig`,
      );
    const code = errorCode(error);
    if (code === "ENOENT" && !required) return undefined;
    throw new UsageError(
      code === "ENOENT"
        ? `the kubeconfig ${path} does not exist; give another with --kubeconfig`
        : `the kubeconfig ${path} cannot be read (${code})`,
      { cause: error },
    );
  }
}

function merge(
  documents: readonly { readonly path: string; readonly document: JsonObject }[],
  list: string,
  field: string,
  pathFields: readonly string[],
): ReadonlyMap<string, JsonObject> {
  const merged = new Map<string, JsonObject>();
  for (const { path, document } of documents)
    for (const entry of arrayAt(document, list)) {
      const name = isJsonObject(entry) ? stringAt(entry, "name") : undefined;
      if (!isJsonObject(entry) || name === undefined || merged.has(name)) continue;
      merged.set(name, resolvePaths(objectAt(entry, field), pathFields, dirname(path)));
    }
  return merged;
}

function resolvePaths(entry: JsonObject, fields: readonly string[], folder: string): JsonObject {
  const resolved: Record<string, JsonValue | undefined> = { ...entry };
  for (const field of fields) {
    const path = stringAt(entry, field);
    if (path !== undefined && path !== "" && !isAbsolute(path)) resolved[field] = join(folder, path);
  }
  const exec = entry["exec"];
  const command = isJsonObject(exec) ? stringAt(exec, "command") : undefined;
  if (isJsonObject(exec) && command !== undefined && command.includes("/") && !isAbsolute(command))
    resolved["exec"] = { ...exec, command: join(folder, command) };
  return resolved;
}
