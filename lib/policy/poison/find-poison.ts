/**
 * Objects that Calico cannot digest.
 *
 * In: objects as the API serves them, the versions of Calico that may run, what kube-proxy programs. Out: what each of them
 * does, sorted by object and field. Must never happen: silence about an object that one of the versions would crash over.
 */
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { calicoFacts } from "../agent/calico-facts.ts";
import { environmentsOf } from "../agent/environment-for.ts";
import { variableOf } from "../felix/felix-environment.ts";
import { readFelixSource } from "../felix/felix-settings.ts";
import { readMetadata } from "../objects/read-metadata.ts";
import { decodeProblems } from "../validation/decode-problems.ts";
import { fatalForFelix } from "../validation/validate-felix.ts";
import {
  EVERY_VERSION,
  MASTER,
  formatCalicoVersions,
  type CalicoVersion,
} from "../version/calico-version.ts";
import type { KubeProxyMode } from "../world/compile-policies.ts";
import { nameOf } from "../world/compile-policies.ts";
import { decodePolicy } from "../world/decode-policy.ts";
import { ascending } from "../../model/ascending.ts";
import { droppedObjects } from "./dropped-objects.ts";
import { SET_POISON } from "./indigestible-sets.ts";
import { installationOf, strikes, type Installation } from "./installation.ts";
import { POLICY_POISON } from "./long-names.ts";
import type { Found, Poison, PoisonRow } from "./poison.ts";
import { stalledControllers } from "./stalled-controllers.ts";
import { SETTINGS_POISON } from "./unfit-settings.ts";
import { RULE_POISON } from "./unrenderable-rules.ts";
import { usedSets, type UsedSets } from "./used-sets.ts";

export type PoisonOptions = {
  /** The versions that may run; default: every one. */
  readonly calico?: readonly CalicoVersion[];
  /** Default: unknown. */
  readonly kubeProxy?: KubeProxyMode;
};

/** Source: docs/calico.md 0 items 4, 6 and 11; docs/calico-versions.md 3; test/oracle/poison.jsonl. */
export function findPoison(
  objects: readonly KubernetesObject[],
  { calico = EVERY_VERSION, kubeProxy = "unknown" }: PoisonOptions = {},
): readonly Poison[] {
  const installation = installationOf(objects, calico, kubeProxy);
  const isUsed = usedSets(objects);
  return [
    ...objects.flatMap((object) => poisonIn(object, installation, isUsed)),
    ...poisonInEnvironment(objects),
    ...stalledControllers(objects, calico),
  ].sort(
    ascending(
      (it) => it.object,
      (it) => it.field,
    ),
  );
}

/** Variables of calico-node that no Felix can start with. */
function poisonInEnvironment(objects: readonly KubernetesObject[]): Poison[] {
  return environmentsOf(calicoFacts({ daemonSets: objects })).all.flatMap(({ object, spec }) =>
    fatalForFelix(spec).map(({ reason }): Poison => {
      const [field = "", ...rest] = reason.split(": ");
      return {
        object,
        field: variableOf(field),
        effect: "crash-loop",
        message: `Felix cannot start with it, on any node that the DaemonSet covers: ${rest.join(": ")}`,
        fix: "Correct or remove the variable.",
      };
    }),
  );
}

function poisonIn(object: KubernetesObject, installation: Installation, isUsed: UsedSets): Poison[] {
  const name = nameOf(object);
  // An unreadable metadata annotation makes Calico skip the object: a nuisance, no poison.
  if (readMetadata(object) === undefined) return [];
  const freezes = frozenBy(object.kind);
  if (freezes === undefined) return [];
  const problems = decodeProblems(object);
  if (problems.length > 0) return problems.map((problem) => undecodable(name, problem, freezes));
  const dropped = droppedObjects(object, installation.versions);
  const beyond = undecidableIn(object);
  if (beyond !== undefined && dropped.length === 0) return [undecidable(name, beyond)];
  switch (object.kind) {
    case "FelixConfiguration": {
      // What annotations override is not looked at, and what they say is.
      const spec = readFelixSource(object)?.spec ?? {};
      return [
        ...fatalForFelix(spec, MASTER, object.metadata.annotations).map(({ reason }) => fatal(name, reason)),
        ...rowsOf(name, SETTINGS_POISON, spec, installation, "spec.", "with it"),
      ];
    }
    case "GlobalNetworkSet":
    case "NetworkSet":
      return [
        ...dropped,
        ...rowsOf(name, SET_POISON, { object, isUsed: isUsed(object) }, installation, "", "that uses it"),
      ];
    case "GlobalNetworkPolicy":
    case "NetworkPolicy":
      // What every version drops is rendered by none.
      return dropped.some(({ doubt }) => doubt === undefined)
        ? dropped
        : [...dropped, ...unrenderable(object, name, installation)];
    default:
      return dropped;
  }
}

function unrenderable(object: KubernetesObject, name: string, installation: Installation): Poison[] {
  const decoded = decodePolicy(object, "");
  const where = "where the policy selects something";
  return [
    ...(["ingress", "egress"] as const).flatMap((key) =>
      decoded[key].flatMap((rule, index) =>
        rowsOf(name, RULE_POISON, rule, installation, `spec.${key}[${index}].`, where),
      ),
    ),
    ...rowsOf(name, POLICY_POISON, object, installation, "", where),
  ];
}

function rowsOf<Input>(
  object: string,
  rows: readonly PoisonRow<Input>[],
  input: Input,
  installation: Installation,
  prefix: string,
  where: string,
): Poison[] {
  return rows.flatMap((row) => {
    const found = row.find(input);
    const struck = found.length === 0 ? undefined : strikes(row, installation);
    if (struck === undefined) return [];
    const { doubt } = struck;
    const isEvery = struck.versions.length === installation.versions.length;
    const inVersions = isEvery ? "" : ` in Calico ${formatCalicoVersions(struck.versions)}`;
    return found.map((it): Poison => ({
      object,
      field: `${prefix}${it.field}`,
      effect: row.effect,
      ...(row.freezes === undefined ? {} : { freezes: row.freezes }),
      ...(doubt === undefined ? {} : { doubt }),
      message: sentenceOf(row, it, where, inVersions, doubt === "dataplane"),
      fix:
        doubt === "dataplane"
          ? `${it.fix} Or set nftablesMode: Disabled in FelixConfiguration/default.`
          : it.fix,
    }));
  });
}

function sentenceOf(
  { effect }: { readonly effect: Poison["effect"] },
  { why }: Found,
  where: string,
  inVersions: string,
  isIfNftables: boolean,
): string {
  const condition = isIfNftables ? " if kube-proxy uses nftables there" : "";
  switch (effect) {
    case "crash-loop":
      return `Felix crashes${inVersions} on every node ${where}${condition}: ${why}`;
    case "freeze":
      return `Felix programs no change any more${inVersions} on nodes that use it${condition}: ${why}`;
    case "drops-rule":
    case "drops-object":
    case "stalls-controllers":
    case "undecidable":
      return why;
  }
}

function frozenBy(kind: string): Poison["freezes"] {
  if (kind.endsWith("NetworkPolicy")) return "policies";
  switch (kind) {
    case "HostEndpoint":
      return "host-endpoints";
    case "FelixConfiguration":
      return "configuration";
    case "GlobalNetworkSet":
    case "NetworkSet":
      return "sets";
    default:
      return undefined;
  }
}

/** `field: how far it is beyond the bounds`. */
function undecidableIn(object: KubernetesObject): string | undefined {
  if (object.kind === "FelixConfiguration") return readFelixSource(object)?.undecidable;
  return object.kind.endsWith("NetworkPolicy")
    ? decodePolicy(object, object.metadata.namespace ?? "").undecidable
    : undefined;
}

function undecidable(object: string, problem: string): Poison {
  const colon = problem.indexOf(": ");
  return {
    object,
    field: problem.slice(0, colon),
    effect: "undecidable",
    message: `${problem.slice(colon + 2)}: what it selects is not decided here, and flows that it could touch are unknown`,
    fix: "Say the same in fewer words, or in several policies.",
  };
}

function undecodable(object: string, problem: string, freezes: NonNullable<Poison["freezes"]>): Poison {
  const colon = problem.indexOf(": ");
  return {
    object,
    field: colon < 0 ? "spec" : problem.slice(0, colon),
    effect: "freeze",
    freezes,
    message: `${problem.slice(colon + 2)}; no Calico component can read objects of this kind while it is there: later changes are not programmed on any node, and a node that restarts enforces nothing`,
    fix: "Delete or correct the object; Felix recovers in about a second.",
  };
}

function fatal(object: string, reason: string): Poison {
  const [field = "spec"] = reason.split(":");
  return {
    object,
    field: `spec.${field}`,
    effect: "crash-loop",
    message: `Felix cannot start with it, on every node that it is meant for: ${reason}`,
    fix: "Correct or remove the entry.",
  };
}
