import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { CALICO_V1, CALICO_V3 } from "../../model/calico-group.ts";
import type { CalicoFacts } from "../../model/calico-agent.ts";
import { calicoFacts } from "../agent/calico-facts.ts";
import { environmentsOf } from "../agent/environment-for.ts";
import { isAgent } from "../agent/read-agent.ts";
import { readFelixSource, type AutomaticDataplane, type FelixSource } from "../felix/felix-settings.ts";
import { hasInvalidLabels } from "../version/check-labels.ts";
import type { CalicoVersion } from "../version/calico-version.ts";
import { readingsOf, type Reading } from "../version/readings-of.ts";
import { isOtherName } from "../version/touched-rules.ts";
import { rulesOf } from "../version/version-rules.ts";
import { newDecoder, numberField, stringField } from "../objects/decode-fields.ts";
import { readMetadata, SKIPPED, type ReadMetadata } from "../objects/read-metadata.ts";
import { newSetTable, type SetTable } from "../rules/set-table.ts";
import { collectLabelNames } from "../selector/compile-expression.ts";
import type { Labels } from "../selector/parse-selector.ts";
import { compileKubernetesPolicy } from "./compile-kubernetes-policy.ts";
import { compilePolicy } from "./compile-policy.ts";
import {
  readNetworkSet,
  readPod,
  type InheritedLabels,
  type LabelledAddresses,
  type Pod,
} from "./labelled-addresses.ts";
import { comparePolicies, compareTiers, type OrderedPolicy } from "./order.ts";
import type { Policy, PolicyKind } from "./policy.ts";
import { builtInProfiles, readProfile } from "./profile.ts";
import type { CompiledPolicies, Note, ReadKind, Tier } from "./world.ts";

export type CompileOptions = {
  /** Kinds that the given objects do not hold completely. Default: everything given is all there is. */
  readonly unread?: readonly ReadKind[];
  /** False only to replay a tier list that lacks the tier `default`, which every real cluster has. */
  readonly assumeDefaultTier?: boolean;
  /** Who enforces. Default: the agents among the objects, as if every DaemonSet was looked at. */
  readonly calico?: CalicoFacts;
  /**
   * The versions of Calico that may run. Where they read the objects differently, each reading is compiled, and a verdict on
   * which they disagree is unknown. Default: the newest state, which docs/calico.md describes.
   */
  readonly versions?: readonly CalicoVersion[];
  /** What kube-proxy programs on the nodes: Calico follows it from 3.32 on, unless told otherwise. Default: iptables. */
  readonly kubeProxy?: KubeProxyMode;
  /** HostEndpoints that will be put under the policies: their labels, too, may be read differently. */
  readonly hostEndpoints?: readonly KubernetesObject[];
};
export type KubeProxyMode = "iptables" | "nftables" | "unknown";

type TierFields = Omit<Tier, "policies">;

const CALICO_POLICY_KINDS: ReadonlySet<string> = new Set<PolicyKind>([
  "GlobalNetworkPolicy",
  "NetworkPolicy",
  "StagedGlobalNetworkPolicy",
  "StagedNetworkPolicy",
]);
/** Built-in order of the tier `default`, and of every tier that stores none (docs/calico.md 1.5). */
const DEFAULT_TIER_ORDER = 1_000_000;

/**
 * Compiles everything but nodes and HostEndpoints. In: objects of any kind, v1 and v3 forms mixed, as the API serves
 * them. Out: tiers with ordered policies, profiles, pods, network sets, Felix's configuration (with the environments that
 * agents give it), once for each way in which the versions in question read them. Never throws: what
 * Calico would ignore is ignored with a note.
 * Source: docs/calico.md 1 (reading), 5 (order), 17 (what Felix drops); docs/calico-versions.md.
 */
export function compilePolicies(
  objects: readonly KubernetesObject[],
  options: CompileOptions = {},
): CompiledPolicies {
  const notes: Note[] = [];
  const unique = uniqueObjects(objects, notes);
  // One table for all readings: a number means the same set in each of them.
  const sets = newSetTable();
  const readings = readingsOf([...unique, ...(options.hostEndpoints ?? [])], options.versions ?? []);
  const [first, ...others] = readings.map((reading) => compileReading(unique, reading, options, sets, notes));
  return { ...(first as CompiledPolicies), otherReadings: others };
}

function compileReading(
  objects: readonly KubernetesObject[],
  { rules, versions }: Reading,
  options: CompileOptions,
  sets: SetTable,
  known: readonly Note[],
): CompiledPolicies {
  const notes: Note[] = [...known];
  const inherited = readInheritedLabels(objects);
  const profiles = builtInProfiles(inherited, sets);
  const pods: Pod[] = [];
  const networkSets: LabelledAddresses[] = [];
  const policies: Policy[] = [];
  const tiers = new Map<string, TierFields>();
  const felixSources: FelixSource[] = [];
  for (const object of objects) {
    const note = (message: string): void => void notes.push({ object: nameOf(object), message });
    const keep = (policy: Policy): void => {
      policies.push(policy);
      if (policy.undecidable !== undefined)
        note(`undecidable: ${policy.undecidable}; what becomes of flows that it may select is unknown`);
    };
    const metadata = readMetadata(object);
    if (metadata === undefined) {
      note(SKIPPED);
      continue;
    }
    if (isCalico(object) && CALICO_POLICY_KINDS.has(object.kind)) {
      const compiled = compilePolicy(object, object.kind as PolicyKind, metadata, sets, rules);
      if ("policy" in compiled) keep(compiled.policy);
      else note(compiled.ignored);
    } else if (object.kind === "NetworkPolicy") keep(compileKubernetesPolicy(object, sets, rules));
    else if (object.kind === "Tier") {
      if (rules.tierFrom !== "no-tiers") tiers.set(metadata.storedName, readTier(object, metadata));
    } else if (object.kind === "Profile") profiles.set(metadata.calicoName, readProfile(object, sets));
    else if (object.kind === "Pod") {
      const pod = readPod(object, inherited);
      if (pod !== undefined) pods.push(pod);
    } else if (object.kind === "GlobalNetworkSet" || object.kind === "NetworkSet") {
      if (rules.invalidLabels === "drop-object" && hasInvalidLabels(metadata.labels))
        note("Felix drops it because of its labels");
      else networkSets.push(readNetworkSet(object, metadata, inherited));
    } else if (object.kind === "FelixConfiguration") {
      const source = readFelixSource(object);
      if (source === undefined)
        note("Calico cannot decode it: it has no effect, and configuration updates freeze");
      else if (rules.otherConfigurations === "ignored" && isOtherName(source.name))
        note("this version of Calico reads configurations called default or node.NAME only");
      else felixSources.push(source);
      if (source?.undecidable !== undefined)
        note(`undecidable: ${source.undecidable}; what Felix does on nodes that it may be for is unknown`);
    } else if (!KNOWN_ELSEWHERE.has(object.kind) && !isAgent(object))
      note(`${object.kind} has no effect on verdicts here`);
  }
  if (options.assumeDefaultTier !== false && !tiers.has("default")) {
    tiers.set("default", { name: "default", exists: true, order: DEFAULT_TIER_ORDER, defaultAction: "deny" });
  }
  const labelNames = new Set<string>();
  for (const policy of policies) collectLabelNames(policy.selector.expression, labelNames);
  return {
    rules,
    versions,
    automatic: automaticDataplane(versions, options.kubeProxy ?? "iptables"),
    otherReadings: [],
    tiers: arrangeTiers(tiers, policies),
    profiles,
    pods,
    podsByNode: indexPods(pods),
    networkSets,
    felixSources,
    felixEnvironments: environmentsOf(options.calico ?? calicoFacts({ daemonSets: objects })),
    sets,
    policyLabelNames: [...labelNames],
    unread: new Set(options.unread ?? []),
    notes,
  };
}

/** What Felix programs when nobody told it. Source: docs/calico-versions.md 1 ("nft or iptables"). */
function automaticDataplane(
  versions: readonly CalicoVersion[],
  kubeProxy: KubeProxyMode,
): AutomaticDataplane {
  const follow = versions.map((version) => rulesOf(version).nftables === "auto");
  if (kubeProxy === "iptables" || !follow.includes(true)) return "iptables";
  return kubeProxy === "nftables" && !follow.includes(false) ? "nftables" : "either";
}

/** Kinds that other steps read. */
const KNOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  "Node",
  "Namespace",
  "ServiceAccount",
  "HostEndpoint",
  "StagedKubernetesNetworkPolicy",
]);

function isCalico(object: KubernetesObject): boolean {
  return object.apiVersion === CALICO_V1 || object.apiVersion === CALICO_V3;
}

/** `Kind/name`, or `Kind/namespace/name`. */
export function nameOf(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? `${object.kind}/${name}` : `${object.kind}/${namespace}/${name}`;
}

/** The same object may be there in both groups; v1 then is the store (docs/calico.md 1.1). A later copy replaces an earlier one. */
export function uniqueObjects(
  objects: readonly KubernetesObject[],
  notes: Note[],
): readonly KubernetesObject[] {
  const unique = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const group = isCalico(object) ? "calico" : object.apiVersion;
    const key = `${group} ${nameOf(object)}`;
    const known = unique.get(key);
    if (known !== undefined)
      notes.push({ object: nameOf(object), message: "given more than once; one copy is used" });
    if (known?.apiVersion === CALICO_V1 && object.apiVersion === CALICO_V3) continue;
    unique.set(key, object);
  }
  return [...unique.values()];
}

function readInheritedLabels(objects: readonly KubernetesObject[]): InheritedLabels {
  const namespaces = new Map<string, Labels>();
  const serviceAccounts = new Map<string, Labels>();
  for (const object of objects) {
    const labels: Labels = new Map(Object.entries(object.metadata.labels ?? {}));
    const namespace = object.metadata.namespace ?? "default";
    if (object.kind === "Namespace") namespaces.set(object.metadata.name, labels);
    // A pod proves its namespace: its profile exists even when the Namespace object was not given.
    if (object.kind === "Pod" && !namespaces.has(namespace)) namespaces.set(namespace, new Map());
    if (object.kind === "ServiceAccount") serviceAccounts.set(`${namespace}/${object.metadata.name}`, labels);
  }
  return { namespaces, serviceAccounts };
}

/** A tier without order reads as 1000000, one without default action as Deny (docs/calico.md 1.5). */
function readTier(object: KubernetesObject, metadata: ReadMetadata): TierFields {
  const decoder = newDecoder();
  const spec = object.spec ?? {};
  return {
    name: metadata.storedName,
    exists: true,
    order: numberField(decoder, spec, "order", "spec") ?? DEFAULT_TIER_ORDER,
    defaultAction: stringField(decoder, spec, "defaultAction", "spec") === "Pass" ? "pass" : "deny",
  };
}

/** A tier that only policies name is enforced too: last, and with deny at its end (docs/calico.md 5.1). */
export function arrangeTiers<P extends OrderedPolicy & { readonly tier: string }>(
  tiers: ReadonlyMap<string, TierFields>,
  policies: readonly P[],
): readonly (TierFields & { readonly policies: readonly P[] })[] {
  const byTier = Map.groupBy(policies, (policy) => policy.tier);
  const missing = [...byTier.keys()].filter((name) => !tiers.has(name));
  return [
    ...tiers.values(),
    ...missing.map((name) => ({ name, exists: false, order: undefined, defaultAction: "deny" as const })),
  ]
    .map((tier) => ({ ...tier, policies: (byTier.get(tier.name) ?? []).toSorted(comparePolicies) }))
    .sort(compareTiers);
}

function indexPods(pods: readonly Pod[]): CompiledPolicies["podsByNode"] {
  const byNode = new Map<string, Map<number | bigint, Pod>>();
  for (const pod of pods) {
    const onNode = byNode.get(pod.node) ?? new Map<number | bigint, Pod>();
    for (const address of pod.addresses) onNode.set(address.value, pod);
    byNode.set(pod.node, onNode);
  }
  return byNode;
}
