import type { Complaint } from "./complaint.ts";
import { goField, goList, goText, isGoRecord, type GoValue } from "./decode-go.ts";
import { goFieldsOf, type GoType } from "./schemas/go-types.ts";
import { isBefore, type SchemaState } from "./schemas/schema-state.ts";

const KINDS: ReadonlySet<string> = new Set([
  "GlobalNetworkPolicy",
  "NetworkPolicy",
  "StagedGlobalNetworkPolicy",
  "StagedNetworkPolicy",
]);

/** True for the kinds of Calico's own policies. */
export function isPolicyKind(kind: string): boolean {
  return KINDS.has(kind);
}

/** The spec of a policy as a whole. Of a staged deletion everything but its tier must be empty. */
export function checkPolicySpec(state: SchemaState, kind: string, policy: GoValue): Complaint[] {
  const spec = goField(policy, "spec");
  if (kind.startsWith("Staged") && goText(spec, "stagedAction") === "Delete") {
    return isUnset(state, kind, spec)
      ? []
      : [{ field: `${kind}Spec`, reason: "a staged deletion may name nothing but its tier" }];
  }
  const isGlobal = kind.includes("Global");
  return [
    ...checkTypes(isGlobal, spec),
    ...checkServicePlaces(isGlobal, spec),
    ...(isBefore(state, "master") ? checkEarlierRules(isGlobal, spec) : []),
  ];
}

function isUnset(state: SchemaState, kind: string, spec: GoValue): boolean {
  return goFieldsOf(state, `${kind}Spec`).every(
    ({ json, type }) => json === "tier" || json === "stagedAction" || isZeroValue(type, goField(spec, json)),
  );
}

/** Lists and pointers that were given count, even when they are empty. */
function isZeroValue(type: GoType, value: GoValue): boolean {
  if (type.kind === "slice" || type.kind === "pointer") return value === undefined;
  return value === undefined || value === "" || value === false || value === 0;
}

function checkTypes(isGlobal: boolean, spec: GoValue): Complaint[] {
  const types = goList(spec, "types").map((type) => type ?? "");
  if (new Set(types).size === types.length) return [];
  return [
    {
      field: isGlobal ? "GlobalNetworkPolicySpec.Types" : "NetworkPolicySpec.Types",
      reason: "has a type twice",
    },
  ];
}

/** A service's addresses may be the source of ingress and the destination of egress; a global policy must say in which namespace. */
function checkServicePlaces(isGlobal: boolean, spec: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  for (const [direction, own, other] of [
    ["ingress", "source", "destination"],
    ["egress", "destination", "source"],
  ] as const) {
    for (const rule of goList(spec, direction)) {
      if (goField(goField(rule, other), "services") !== undefined)
        complaints.push({ field: "Services", reason: `not in the ${other} of ${direction} rules` });
      const services = goField(goField(rule, own), "services");
      if (isGlobal && isGoRecord(services) && goText(services, "namespace") === "")
        complaints.push({ field: "Namespace", reason: "services of a global policy need a namespace" });
      if (direction === "egress" && goField(rule, "http") !== undefined)
        complaints.push({ field: "HTTP", reason: "not in egress rules" });
    }
  }
  return complaints;
}

function checkEarlierRules(isGlobal: boolean, spec: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  const wrong = (field: string, reason: string): void => void complaints.push({ field, reason });
  const struct = isGlobal ? "GlobalNetworkPolicySpec" : "NetworkPolicySpec";
  for (const [json, name] of [
    ["selector", "Selector"],
    ["serviceAccountSelector", "ServiceAccountSelector"],
    ["namespaceSelector", "NamespaceSelector"],
  ] as const) {
    if (goText(spec, json).includes("global()"))
      wrong(`${struct}.${name}`, "global() is only for the namespaceSelector of a rule");
  }
  const doNotTrack = goField(spec, "doNotTrack") === true;
  const preDNAT = goField(spec, "preDNAT") === true;
  if (doNotTrack && preDNAT) wrong("PolicySpec.PreDNAT", "preDNAT and doNotTrack cannot both be true");
  if (preDNAT && goList(spec, "egress").length > 0)
    wrong("PolicySpec.Egress", "a preDNAT policy cannot have egress rules");
  if (preDNAT && goList(spec, "types").includes("Egress"))
    wrong("PolicySpec.Types", "a preDNAT policy cannot have the type Egress");
  if ((doNotTrack || preDNAT) && goField(spec, "applyOnForward") !== true)
    wrong("PolicySpec.ApplyOnForward", "must be true with preDNAT or doNotTrack");
  return complaints;
}
