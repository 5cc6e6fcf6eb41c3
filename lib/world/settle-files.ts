/**
 * Objects from files -> the objects of one cluster.
 *
 * In: the objects of each file, in the order in which a person gave them. Out: one copy of each object, in one of Calico's two
 * groups, completed as applying would; and what a person should know of what became of them.
 * Must never happen: a policy that counts although nobody would read it, or one that does not although it would be applied.
 */
import { ascending } from "../model/ascending.ts";
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../model/calico-group.ts";
import type { Finding } from "../model/finding.ts";
import type { JsonObject, KubernetesObject, StringMap } from "../model/kubernetes-object.ts";
import { readObject } from "../model/read-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../names/names.ts";
import { unknownFields } from "../policy/validation/unknown-fields.ts";
import { completeManifest, isServed, type ApplyWay } from "./complete-manifest.ts";
import { unusedBecause } from "./unused-object.ts";

export type FileObjects = {
  /** v1 as soon as one object is of it, for v1 is then the store (docs/calico.md 1.1). */
  readonly group: CalicoGroup;
  /** All of them, those that decide nothing too; Calico's all in `group`. */
  readonly objects: readonly KubernetesObject[];
  /** What does not count although somebody meant it to, and what was assumed. Sorted by object. */
  readonly findings: readonly Finding[];
};

export type SettleOptions = {
  /** The group that the objects are for; absent: as they themselves show. */
  readonly group?: CalicoGroup;
  /** Who applies them; absent: nobody says. */
  readonly applyWay?: ApplyWay;
};

/** A later file replaces what an earlier one says of the same object, whatever the API group. */
export function settleFiles(
  files: readonly (readonly KubernetesObject[])[],
  options: SettleOptions = {},
): FileObjects {
  const findings: Finding[] = [];
  const copies = new Map<string, KubernetesObject>();
  for (const file of files) {
    const own = new Map<string, KubernetesObject>();
    for (const object of file) {
      const key = keyOf(object);
      const before = own.get(key);
      if (before !== undefined) findings.push(repeated(object, "more than once in one file"));
      if (before === undefined || !isViewOf(object, before)) own.set(key, object);
    }
    for (const [key, object] of own) {
      if (copies.delete(key)) findings.push(repeated(object, "in more than one file"));
      copies.set(key, object);
    }
  }
  const chosen = [...copies.values()];
  const isOf = (group: CalicoGroup) => chosen.some((it) => it.apiVersion === group);
  const group = options.group ?? (isOf(CALICO_V1) || !isOf(CALICO_V3) ? CALICO_V1 : CALICO_V3);
  const objects = chosen.map((it) => {
    const unused = unusedBecause(it);
    if (unused?.kind === "misspelt")
      findings.push({
        severity: "warning",
        code: "ignored-object",
        object: nameOf(it),
        message: unused.message,
        fix: unused.fix,
      });
    findings.push(...unknownFieldsOf(it));
    const { object, assumed } = completeManifest(it, options.applyWay);
    if (assumed !== undefined)
      findings.push({
        severity: "info",
        code: "policy-types-assumed",
        object: nameOf(it),
        message: assumed,
        fix: "",
      });
    return inGroup(tidy(object), group);
  });
  return { group, objects, findings: findings.sort(byObject) };
}

/** The API server drops them without a word, and so does this world. */
function unknownFieldsOf(object: KubernetesObject): readonly Finding[] {
  return (isCalico(object) ? unknownFields(object) : []).map(({ path, meant }) => ({
    severity: "warning",
    code: "unknown-field",
    object: nameOf(object),
    message: `${path} is no field of ${object.kind}: it counts for nothing`,
    fix: meant === undefined ? "take it out" : `write ${meant}`,
  }));
}

/** A dump of both groups shows one store twice: v3 objects are the view of Calico's API server then, and v1 objects what Felix reads. */
function isViewOf(object: KubernetesObject, before: KubernetesObject): boolean {
  return (
    before.apiVersion === CALICO_V1 && object.apiVersion === CALICO_V3 && isServed(before) && isServed(object)
  );
}

function keyOf(object: KubernetesObject): string {
  const group = isCalico(object) ? "calico" : (object.apiVersion.split("/").at(-2) ?? "");
  const { namespace = "", name } = object.metadata;
  const isNamespaced = NAMESPACED.has(object.kind);
  return `${group} ${object.kind} ${isNamespaced && namespace === "" ? "default" : namespace} ${name}`;
}

/** What a manifest without a namespace is applied to the namespace `default` for. */
const NAMESPACED: ReadonlySet<string> = new Set([
  "NetworkPolicy",
  "NetworkSet",
  "Pod",
  "ServiceAccount",
  "StagedKubernetesNetworkPolicy",
  "StagedNetworkPolicy",
]);

function isCalico({ apiVersion }: KubernetesObject): boolean {
  return apiVersion === CALICO_V1 || apiVersion === CALICO_V3;
}

/** As an API server would serve it: maps of texts, and nothing that is null. */
function tidy(object: KubernetesObject): KubernetesObject {
  const { labels, annotations } = object.metadata;
  const metadata = Object.fromEntries(
    Object.entries({
      ...object.metadata,
      labels: textsOf(labels),
      annotations: textsOf(annotations),
    }).filter(([, value]) => value !== undefined && value !== null),
  );
  const raw: JsonObject = { ...object, metadata };
  return readObject(raw, object.apiVersion, object.kind);
}

/** The API server stores a null member as an empty text. */
function textsOf(map: StringMap | null | undefined): StringMap | undefined {
  if (map === undefined || map === null) return undefined;
  const entries: readonly (readonly [string, string | null])[] = Object.entries(map);
  return Object.fromEntries(entries.map(([key, value]) => [key, value ?? ""]));
}

/** In v3 the metadata annotation is one like any other; moved to v1 it would begin to mean something. */
function inGroup(object: KubernetesObject, group: CalicoGroup): KubernetesObject {
  if (!isCalico(object) || object.apiVersion === group) return object;
  const { [CALICO_METADATA_ANNOTATION]: meaningless, ...annotations } = object.metadata.annotations ?? {};
  return {
    ...object,
    apiVersion: group,
    ...(meaningless === undefined ? {} : { metadata: { ...object.metadata, annotations } }),
  };
}

function repeated(object: KubernetesObject, where: string): Finding {
  return {
    severity: "info",
    code: "replaced-object",
    object: nameOf(object),
    message: `it stands ${where}; the last one counts`,
    fix: "",
  };
}

function nameOf({ kind, metadata: { name, namespace } }: KubernetesObject): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

const byObject = ascending<Finding>(
  (it) => it.object,
  (it) => it.code,
);
