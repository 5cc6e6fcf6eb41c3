import { parseNetwork } from "../../address/parse-address.ts";
import { CALICO_V3 } from "../../model/calico-group.ts";
import type { JsonObject, JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { protocolNumber } from "../rules/protocol.ts";
import { combineRuleSelectors } from "../rules/rule-end-selector.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import { isInRanges, type CalicoVersion, type VersionRange } from "../version/calico-version.ts";
import { hasInvalidLabels } from "../version/check-labels.ts";
import { rulesOf, type VersionRules } from "../version/version-rules.ts";
import { decodePolicy, objectionsToPolicy, type DecodedPolicy } from "../world/decode-policy.ts";
import { objectionsToEndpoint } from "../world/endpoint.ts";
import type { Complaint } from "./complaint.ts";
import {
  goField,
  goList,
  goStrings,
  goText,
  isGoRecord,
  type GoProtocol,
  type GoRecord,
  type GoValue,
} from "./decode-go.ts";
import { fatalForFelix } from "./validate-felix.ts";

/** Where a namespaced set with an entry that is no network takes Felix down. Source: docs/calico-versions.md 3. */
const SETS_CRASH: readonly VersionRange[] = [[undefined, "3.31.5"]];

/**
 * What Felix of that version objects to in an object that a Calico component could decode; one objection, and the object does
 * not exist for it. `undefined` for kinds that Felix does not filter.
 * Source: docs/calico.md 17.1 and 17.2; docs/calico-versions.md; test/oracle/validation.jsonl.
 */
export function felixObjections(
  kind: string,
  record: GoRecord,
  version: CalicoVersion,
): readonly Complaint[] | undefined {
  const rules = rulesOf(version);
  switch (kind) {
    case "HostEndpoint":
      return named(endpointObjections(record, rules));
    case "GlobalNetworkPolicy":
    case "StagedGlobalNetworkPolicy":
    case "NetworkPolicy":
    case "StagedNetworkPolicy":
      return named(policyObjections(kind, record, rules));
    case "GlobalNetworkSet":
    case "NetworkSet":
      return setObjections(kind, record, version, rules);
    case "FelixConfiguration": {
      const { metadata, spec } = objectOf(kind, record);
      const isKnown = metadata.name === "default" || metadata.name.startsWith("node.");
      return isKnown || rules.otherConfigurations === "by-node-selector"
        ? fatalForFelix(spec ?? {}, version, metadata.annotations ?? {})
        : [{ field: "<convert>", reason: "Felix reads only the names `default` and `node.…`" }];
    }
    default:
      return undefined;
  }
}

function named(fields: readonly string[]): Complaint[] {
  return [...new Set(fields)].map((field) => ({ field, reason: "Felix's own check" }));
}

function nameIn(record: GoRecord): string {
  return goText(goField(record, "metadata"), "name");
}

function endpointObjections(record: GoRecord, rules: VersionRules): string[] {
  const spec = goField(record, "spec");
  const name = nameIn(record);
  const fields = objectionsToEndpoint(
    {
      name,
      storedName: name,
      labels: goStrings(goField(record, "metadata"), "labels"),
      node: goText(spec, "node"),
      interfaceName: goText(spec, "interfaceName"),
      expectedIPs: goList(spec, "expectedIPs").map(textOf),
      profiles: goList(spec, "profiles").map(textOf),
      ports: goList(spec, "ports").map(jsonOf),
      skipped: false,
    },
    rules,
  );
  if (name === "" || fields.includes("<convert>")) return ["<convert>"];
  return [...fields, ...portProtocolObjections(spec)];
}

function policyObjections(kind: string, record: GoRecord, rules: VersionRules): string[] {
  if (nameIn(record) === "") return ["<convert>"];
  // A staged deletion is one to Felix, whatever else it says.
  if (kind.startsWith("Staged") && goText(goField(record, "spec"), "stagedAction") === "Delete") return [];
  const object = objectOf(kind, record);
  const namespace = kind.includes("Global") ? "" : (object.metadata.namespace ?? "default");
  const policy = decodePolicy(object, namespace);
  return [...objectionsToPolicy(policy, rules), ...gluedObjections(policy, namespace)];
}

function setObjections(
  kind: string,
  record: GoRecord,
  version: CalicoVersion,
  { invalidLabels }: VersionRules,
): Complaint[] {
  if (nameIn(record) === "") return named(["<convert>"]);
  const isCrash = goList(goField(record, "spec"), "nets").some(
    (net) => textOf(net) !== "" && parseNetwork(textOf(net)) === undefined,
  );
  if (kind === "NetworkSet" && isCrash && isInRanges(version, SETS_CRASH))
    return [{ field: "<panic>", reason: "nets: Felix crashes on an entry that is no network" }];
  const labels = goStrings(goField(record, "metadata"), "labels");
  return named(invalidLabels === "drop-object" && hasInvalidLabels(labels) ? ["Labels"] : []);
}

/** Felix knows fewer protocols by name than endpoints may spell, and no number 0. */
function portProtocolObjections(spec: GoValue): string[] {
  const isUnknown = goList(spec, "ports").some((port) => {
    const protocol = goField(port, "protocol") as GoProtocol | undefined;
    if (protocol === undefined) return true;
    return "text" in protocol
      ? protocolNumber({ kind: "name", name: protocol.text.toLowerCase() }) === undefined
      : protocol.number === 0;
  });
  return isUnknown ? ["Protocol"] : [];
}

/** The texts that Felix glues together from the selectors of a rule's end; parts that parse can make a whole that does not. */
function gluedObjections({ ingress, egress }: DecodedPolicy, namespace: string): string[] {
  return [...ingress, ...egress].flatMap(({ source, destination }) =>
    (
      [
        [source, "SrcSelector"],
        [destination, "DstSelector"],
      ] as const
    )
      .filter(([end]) => isSelectorError(parseSelector(combineRuleSelectors(end, namespace))))
      .map(([, field]) => field),
  );
}

/** The object with the names of its fields as Calico writes them. */
function objectOf(kind: string, record: GoRecord): KubernetesObject {
  const { metadata, spec } = givenIn(record);
  return {
    apiVersion: CALICO_V3,
    kind,
    metadata: { name: "", ...(isJsonObject(metadata) ? metadata : {}) },
    ...(isJsonObject(spec) ? { spec } : {}),
  };
}

/** What was given, as JSON. */
function givenIn(record: GoRecord): JsonObject {
  return Object.fromEntries([...record.fields].map(([key, value]) => [key, jsonOf(value)]));
}

function jsonOf(value: GoValue): JsonValue {
  if (value === undefined || typeof value === "bigint") return null;
  if (Array.isArray(value)) return (value as readonly GoValue[]).map(jsonOf);
  if (value instanceof Map) return Object.fromEntries(value as ReadonlyMap<string, string>);
  if (typeof value !== "object") return value;
  if (isGoRecord(value)) return givenIn(value);
  if ("kind" in value)
    switch (value.kind) {
      case "protocol":
        return "text" in value ? value.text : value.number;
      case "range":
        return value.first === value.last ? value.first : `${value.first}:${value.last}`;
      case "name":
        return value.name;
    }
  return null;
}

function textOf(value: GoValue): string {
  return typeof value === "string" ? value : "";
}
