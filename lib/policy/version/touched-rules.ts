/**
 * Which of the rules that changed between versions the objects of a world can feel at all. Most worlds feel none, and one
 * reading of them then serves every version.
 * Must never happen: a rule that is left out and would change a verdict. One too many only costs time.
 */
import { CALICO_V1, CALICO_V3 } from "../../model/calico-group.ts";
import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt } from "../../model/read-json.ts";
import { calicoFacts } from "../agent/calico-facts.ts";
import { environmentsOf } from "../agent/environment-for.ts";
import { readFelixSource, type FelixSource } from "../felix/felix-settings.ts";
import { readMetadata } from "../objects/read-metadata.ts";
import { decodePort } from "../rules/port.ts";
import { comparePolicies } from "../world/order.ts";
import { hasInvalidLabels } from "./check-labels.ts";
import { tieBreakerOf, tierOf, type PlacedPolicy } from "./place-policy.ts";
import { VERSION_RULES, type VersionRules } from "./version-rules.ts";

export type RuleName = keyof VersionRules;

/** In: every object of the world, HostEndpoints too. */
export function touchedRules(objects: readonly KubernetesObject[]): ReadonlySet<RuleName> {
  const touched = new Set<RuleName>();
  const policies = objects.filter(isEnforcedPolicy);
  const placed = policies.map(placeOf);
  if (placed.some(tierDepends) || objects.some(isPassingDefault)) {
    touched.add("tierFrom");
    touched.add("tierPrefixes");
  }
  if (tiesDepend(policies.map((it, index) => ({ ...orderOf(it), placed: placed[index] as PlacedPolicy }))))
    touched.add("ties");
  if (policies.some(hasBareNamedPort)) touched.add("namedPortWithoutProtocol");
  if (objects.some(isLabelledInvalidly)) touched.add("invalidLabels");
  const sources = configurationSources(objects);
  if (sources.some(({ name, spec }) => name !== "" && isOtherName(name) && Object.keys(spec).length > 0))
    touched.add("otherConfigurations");
  if (sources.some(({ spec }) => /^enabled$/i.test(textOf(spec["nftablesMode"])))) touched.add("nftables");
  if (sources.some(({ spec }) => spec["bpfEnabled"] === true)) {
    touched.add("bpfForeignWireguard");
    touched.add("bpfNodeWireguard");
    touched.add("bpfBond");
    touched.add("bpfLoopback");
  }
  return touched;
}

/** True for a FelixConfiguration that only newer versions read, by its node selector. */
export function isOtherName(name: string): boolean {
  return name !== "default" && !name.startsWith("node.");
}

/** Staged policies count for nothing in any version. Kubernetes' own are ordered with the others. */
function isEnforcedPolicy({ kind }: KubernetesObject): boolean {
  return kind === "GlobalNetworkPolicy" || kind === "NetworkPolicy";
}

function isCalico({ apiVersion }: KubernetesObject): boolean {
  return apiVersion === CALICO_V1 || apiVersion === CALICO_V3;
}

function placeOf(object: KubernetesObject): PlacedPolicy {
  const { name, namespace } = object.metadata;
  return {
    name,
    namespace: object.kind === "GlobalNetworkPolicy" ? "" : (namespace ?? ""),
    kind: isCalico(object) ? object.kind : "KubernetesNetworkPolicy",
    tier: isCalico(object) ? textOf(object.spec?.["tier"]) : "",
    apiVersion: object.apiVersion,
  };
}

type TierRules = Pick<VersionRules, "tierFrom" | "tierPrefixes">;
const TIER_RULES: readonly TierRules[] = (["no-tiers", "name", "spec"] as const).flatMap((tierFrom) =>
  (["admin", "admin-and-baseline"] as const).map((tierPrefixes) => ({ tierFrom, tierPrefixes })),
);

function tierDepends(policy: PlacedPolicy): boolean {
  return new Set(TIER_RULES.map((rules) => tierOf(rules, policy))).size > 1;
}

/** Where there are no tiers, the only one there is ends with Deny. */
function isPassingDefault({ kind, metadata, spec }: KubernetesObject): boolean {
  return kind === "Tier" && metadata.name === "default" && spec?.["defaultAction"] === "Pass";
}

type Ordered = { readonly order: number | undefined; readonly placed: PlacedPolicy };

/** Kubernetes' own policies have the order that Calico gives them (docs/calico.md 5.2). */
function orderOf(object: KubernetesObject): { readonly order: number | undefined } {
  if (!isCalico(object)) return { order: 1_000 };
  const order = object.spec?.["order"];
  return { order: typeof order === "number" ? order : undefined };
}

/** Whatever their tiers: two policies of one order that change places. */
function tiesDepend(policies: readonly Ordered[]): boolean {
  const sequences = VERSION_RULE_TIES.map((ties) =>
    policies
      .map(({ order, placed }) => ({ order, tieBreaker: tieBreakerOf({ ties }, placed), placed }))
      .sort(comparePolicies),
  );
  const [first = [], ...others] = sequences;
  return others.some((it) => it.some(({ placed }, index) => placed !== first[index]?.placed));
}
const VERSION_RULE_TIES = VERSION_RULES.ties.values.map((it) => (typeof it === "string" ? it : it[1]));

const ENDS = ["source", "destination"] as const;
const PORTS = ["ports", "notPorts"] as const;

function hasBareNamedPort({ spec }: KubernetesObject): boolean {
  return (["ingress", "egress"] as const).some((direction) =>
    arrayAt(spec, direction).some((rule) => {
      if (!isJsonObject(rule)) return false;
      const { protocol } = rule;
      if (protocol !== undefined && protocol !== null) return false;
      return ENDS.some((end) =>
        PORTS.some((key) => arrayAt(objectAt(rule, end), key).some((port) => isName(port))),
      );
    }),
  );
}

function isName(port: JsonValue): boolean {
  const decoded = decodePort(port);
  return decoded !== "undecodable" && decoded.kind === "name";
}

const LABELLED: ReadonlySet<string> = new Set(["HostEndpoint", "GlobalNetworkSet", "NetworkSet"]);

function isLabelledInvalidly(object: KubernetesObject): boolean {
  if (!LABELLED.has(object.kind)) return false;
  const metadata = readMetadata(object);
  return metadata !== undefined && hasInvalidLabels(metadata.labels);
}

function configurationSources(objects: readonly KubernetesObject[]): readonly FelixSource[] {
  return [
    ...environmentsOf(calicoFacts({ daemonSets: objects })).all,
    ...objects
      .filter(({ kind }) => kind === "FelixConfiguration")
      .flatMap((object) => readFelixSource(object) ?? []),
  ];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
