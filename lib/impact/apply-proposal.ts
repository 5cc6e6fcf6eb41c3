/**
 * A snapshot as it would be after objects were applied and others deleted.
 *
 * In: the cluster as it is, objects as a person wrote them. Out: the cluster as it would be, and what became of each object.
 * Must never happen: an object that counts for nothing without a word, or that stands beside the one it replaces.
 */
import { ascending } from "../model/ascending.ts";
import { CALICO_V1, CALICO_V3 } from "../model/calico-group.ts";
import { UsageError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import { decodeHostEndpoint } from "../model/read-host-endpoint.ts";
import type { PolicyObjects, Snapshot } from "../model/snapshot.ts";
import { calicoVersionsIn } from "../policy/version/versions-in.ts";
import { explainRefusals } from "../policy/validation/explain-refusals.ts";
import type { ApplyWay } from "../world/complete-manifest.ts";
import { settleFiles } from "../world/settle-files.ts";
import { enforced, isStagedDelete, stagedDeletes } from "./enforce-staged.ts";
import { isSameObject } from "./same-object.ts";

export type Proposal = {
  /** The objects of each file, in the order in which they are applied. */
  readonly files: readonly (readonly KubernetesObject[])[];
  /** What is deleted after that. */
  readonly deletes: readonly ObjectName[];
  /** Staged policies of the cluster; given: they and those of the files count as enforced. */
  readonly staged?: readonly KubernetesObject[];
  readonly applyWay: ApplyWay;
};
export type ObjectName = { readonly kind: string; readonly name: string };
export type Proposed = { readonly after: Snapshot; readonly findings: readonly Finding[] };

/** Kinds that decide about host traffic, and where a snapshot keeps them. */
const HOMES = {
  GlobalNetworkPolicy: "globalNetworkPolicies",
  Tier: "tiers",
  GlobalNetworkSet: "globalNetworkSets",
  NetworkSet: "networkSets",
  FelixConfiguration: "felixConfigurations",
} as const satisfies Readonly<Record<string, keyof PolicyObjects>>;
type Kind = keyof typeof HOMES;

/** @throws UsageError when something that is to be deleted does not exist. */
export function applyProposal(before: Snapshot, proposal: Proposal): Proposed {
  const { files, deletes, staged, applyWay } = proposal;
  const settled = settleFiles(files, { group: before.group, applyWay });
  const written =
    staged === undefined ? settled.objects : enforced([...staged, ...settled.objects], before.group);
  const objects = new Map<Kind, readonly KubernetesObject[]>(
    (Object.keys(HOMES) as Kind[]).map((kind) => [kind, before.policyObjects[HOMES[kind]] ?? []]),
  );
  let hostEndpoints: readonly KubernetesObject[] = before.hostEndpoints.map((it) => it.raw);
  const findings = [...settled.findings];
  for (const object of written) {
    const kind = object.kind;
    if (object.apiVersion === before.group && isKind(kind)) {
      objects.set(kind, replaced(objects.get(kind) ?? [], object));
    } else if (object.apiVersion === before.group && kind === "HostEndpoint") {
      hostEndpoints = replaced(hostEndpoints, object);
    } else if (!isStagedDelete(object)) findings.push(...notLookedAt(object, staged !== undefined));
  }
  const without = (name: ObjectName) => {
    const list = isKind(name.kind) ? (objects.get(name.kind) ?? []) : hostEndpoints;
    const rest = list.filter((it) => !isSameObject(it, name, list));
    if (isKind(name.kind)) objects.set(name.kind, rest);
    else hostEndpoints = rest;
    return { list, found: rest.length < list.length };
  };
  if (staged !== undefined)
    for (const name of stagedDeletes(written)) without({ kind: "GlobalNetworkPolicy", name });
  for (const name of deletes) {
    const { list, found } = without(name);
    if (!found) throw new UsageError(unknownObject(name, list));
  }
  return {
    after: {
      ...before,
      hostEndpoints: hostEndpoints
        .map((it) => decodeHostEndpoint(before.group, it))
        .sort(ascending((it) => it.name)),
      policyObjects: {
        ...before.policyObjects,
        ...Object.fromEntries(
          (Object.keys(HOMES) as Kind[]).map((it) => [HOMES[it], (objects.get(it) ?? []).toSorted(byName)]),
        ),
      },
    },
    findings: [...findings, ...refusals(files.flat(), before)],
  };
}

const byName = ascending<KubernetesObject>(
  ({ metadata }) => metadata.namespace ?? "",
  ({ metadata }) => metadata.name,
);

/** The kinds that `--delete` knows. */
export const DELETABLE: readonly string[] = [...Object.keys(HOMES), "HostEndpoint"];

function isKind(kind: string): kind is Kind {
  return kind in HOMES;
}

/** In the place of what it replaces, with its stored name, by which Felix sorts (docs/calico.md 1.4); else as a new one. */
function replaced(list: readonly KubernetesObject[], object: KubernetesObject): readonly KubernetesObject[] {
  const name = { kind: object.kind, name: object.metadata.name };
  const old = list.find((it) => isSameObject(it, { ...name, ...namespaceOf(object) }, list));
  if (old === undefined) return [...list, object];
  const { uid, creationTimestamp } = old.metadata;
  const metadata = {
    ...object.metadata,
    name: old.metadata.name,
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
  };
  return list.map((it) => (it === old ? { ...object, metadata } : it));
}

function namespaceOf({ metadata: { namespace } }: KubernetesObject): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

function notLookedAt(
  { apiVersion, kind, metadata }: KubernetesObject,
  isStaged: boolean,
): readonly Finding[] {
  const isCalico = apiVersion === CALICO_V1 || apiVersion === CALICO_V3;
  const isStagedPolicy = isCalico && kind === "StagedGlobalNetworkPolicy";
  return [
    {
      severity: "info",
      code: "not-looked-at",
      object: `${kind}/${metadata.name}`,
      message:
        isStagedPolicy && !isStaged
          ? "it is staged: Calico enforces nothing of it"
          : "it does not decide about the traffic of nodes, or is not looked at here",
      fix: isStagedPolicy && !isStaged ? "give --staged to see what it would do once it is enforced" : "",
    },
  ];
}

/** As many as fit a screen are told; the API server will tell the rest. */
function refusals(objects: readonly KubernetesObject[], { policyObjects }: Snapshot): readonly Finding[] {
  const versions = calicoVersionsIn(Object.values(policyObjects).flat());
  return explainRefusals(objects, versions).map((line): Finding => {
    const [object = "", ...message] = line.split(": ");
    return {
      severity: "error",
      code: "refused-object",
      object,
      message: message.join(": "),
      fix: "correct the object; what is told here is for the case that it is stored all the same",
    };
  });
}

function unknownObject({ kind, name }: ObjectName, list: readonly KubernetesObject[]): string {
  const known = list.map((it) => it.metadata.name).sort();
  const shown = known.slice(0, 5).join(", ");
  return `there is no ${kind} called ${name} to delete; ${known.length === 0 ? "there is none at all" : `there are ${shown}${known.length > 5 ? ", …" : ""}`}`;
}
