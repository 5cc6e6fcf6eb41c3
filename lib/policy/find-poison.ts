import type { KubernetesObject } from "../model/kubernetes-object.ts";
import { calicoFacts } from "./agent/calico-facts.ts";
import { mergeAgents } from "./agent/environment-for.ts";
import { environmentSource, variableOf } from "./felix/felix-environment.ts";
import {
  felixSourcesFor,
  readFelixSource,
  resolveFelixSettings,
  type Dataplane,
} from "./felix/felix-settings.ts";
import { readMetadata } from "./objects/read-metadata.ts";
import { actionOf } from "./rules/compile-rule.ts";
import type { Rule } from "./rules/decode-rule.ts";
import { ICMP, ICMPV6 } from "./rules/protocol.ts";
import { decodeProblems } from "./validation/decode-problems.ts";
import { fatalForFelix } from "./validation/validate-felix.ts";
import { admissionComplaints, felixComplaints } from "./validation/validate-object.ts";
import { compareBytes } from "./world/order.ts";
import { decodePolicy } from "./world/decode-policy.ts";
import { nameOf } from "./world/compile-policies.ts";

/**
 * What an object that the API accepted does to Felix.
 * - `freeze`: nobody can read objects of its kind any more: later changes are not programmed, and a Felix that starts
 *   afresh enforces nothing. - `crash-loop`: Felix restarts again and again on every node that is concerned.
 * - `drops-object`: Felix ignores the object; for a HostEndpoint that leaves the interface open.
 * - `undecidable`: it is larger than what is looked at here; flows that it could touch are unknown.
 */
export type PoisonEffect = "freeze" | "crash-loop" | "drops-object" | "undecidable";
export type Poison = {
  /** `Kind/name` */
  readonly object: string;
  readonly field: string;
  readonly effect: PoisonEffect;
  /** What no longer changes, when `effect` is `freeze`. */
  readonly freezes?: "policies" | "host-endpoints" | "configuration" | "sets";
  /** What happens, a sentence. */
  readonly message: string;
  readonly fix: string;
};

/**
 * Finds objects that Felix cannot digest. `dataplane`: which rendering to think of; default: what the FelixConfiguration
 * `default` among the objects says. Sorted by object and field.
 * Source: docs/calico.md 0 items 4, 6 and 11; test/oracle/poison.jsonl.
 */
export function findPoison(objects: readonly KubernetesObject[], dataplane?: Dataplane): readonly Poison[] {
  const mode = dataplane ?? dataplaneOf(objects);
  return [...objects.flatMap((object) => poisonIn(object, mode)), ...poisonInEnvironment(objects)].sort(
    (a, b) => compareBytes(a.object, b.object) || compareBytes(a.field, b.field),
  );
}

/** Variables of an agent that no Felix can start with. */
function poisonInEnvironment(objects: readonly KubernetesObject[]): Poison[] {
  const environments = calicoFacts({ daemonSets: objects }).agents.map((it) => mergeAgents([it]));
  return environments.flatMap((environment) =>
    fatalForFelix(environmentSource(environment).spec).map(({ reason }): Poison => {
      const [field = "", ...rest] = reason.split(": ");
      return {
        object: environment.object,
        field: variableOf(field),
        effect: "crash-loop",
        message: `Felix cannot start with it, on any node: ${rest.join(": ")}`,
        fix: "Correct or remove the variable.",
      };
    }),
  );
}

/** What happens when the object is written as it is, in one word of test/oracle/poison.jsonl. */
export function effectOfWriting(
  object: KubernetesObject,
  dataplane: Dataplane,
): "refused" | "none" | "freeze" | "crash-loop" | "restart" {
  if (admissionComplaints(object).length > 0) return "refused";
  const found = poisonIn(object, dataplane);
  if (found.some(({ effect }) => effect === "crash-loop")) return "crash-loop";
  // Only frozen policies were watched for; frozen endpoints and configuration are told in docs/calico.md 0 item 11.
  if (found.some(({ effect, freezes }) => effect === "freeze" && freezes === "policies")) return "freeze";
  const configures = object.kind === "FelixConfiguration" && Object.keys(object.spec ?? {}).length > 0;
  return configures && found.length === 0 ? "restart" : "none";
}

function dataplaneOf(objects: readonly KubernetesObject[]): Dataplane {
  const sources = objects
    .filter(({ kind }) => kind === "FelixConfiguration")
    .flatMap((object) => readFelixSource(object) ?? []);
  const { agents } = calicoFacts({ daemonSets: objects });
  return resolveFelixSettings([
    ...(agents.length === 0 ? [] : [environmentSource(mergeAgents(agents))]),
    ...felixSourcesFor(sources, { name: "", labels: new Map() }),
  ]).dataplane;
}

function poisonIn(object: KubernetesObject, dataplane: Dataplane): Poison[] {
  const name = nameOf(object);
  // An unreadable metadata annotation makes Calico skip the object: a nuisance, no poison.
  if (readMetadata(object) === undefined) return [];
  const freezes = frozenBy(object.kind);
  if (freezes === undefined) return [];
  const problems = decodeProblems(object);
  if (problems.length > 0) return problems.map((problem) => undecodable(name, problem, freezes));
  const felix = felixComplaints(object);
  const beyond = undecidableIn(object);
  if (beyond !== undefined && felix.length === 0) return [undecidable(name, beyond)];
  if (object.kind === "FelixConfiguration") {
    return [
      ...fatalForFelix(object.spec ?? {}).map(({ reason }) => fatal(name, reason)),
      ...unfitSettings(object, name, dataplane),
    ];
  }
  if (felix.length > 0) {
    const fields = felix.map(({ field }) => field).join(", ");
    return [
      {
        object: name,
        field: fields,
        effect: "drops-object",
        message: `Felix ignores the whole object because of ${fields}`,
        fix: "Correct the field; `calicoctl apply` would have refused it.",
      },
    ];
  }
  return object.kind.endsWith("NetworkPolicy") && !object.kind.startsWith("Staged")
    ? unrenderable(object, name, dataplane)
    : [];
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

/** Settings that parse, and that the rendering cannot live with. */
function unfitSettings(object: KubernetesObject, name: string, dataplane: Dataplane): Poison[] {
  if (dataplane !== "iptables") return [];
  const spec = object.spec ?? {};
  const { iptablesFilterDenyAction: deny, iptablesMarkMask: mask } = spec;
  const found: Poison[] = [];
  const crash = (field: string, message: string, fix: string): void =>
    void found.push({ object: name, field: `spec.${field}`, effect: "crash-loop", message, fix });
  if (typeof deny === "string" && deny.toLowerCase() === "reject") {
    crash("iptablesFilterDenyAction", "Felix crashes with Reject in iptables mode", "Use Drop.");
  }
  if (typeof mask === "number" && bitsOf(mask) < MINIMUM_MARK_BITS) {
    crash(
      "iptablesMarkMask",
      `Felix needs at least ${MINIMUM_MARK_BITS} mark bits`,
      "Leave the mask at its default, 0xffff0000.",
    );
  }
  return found;
}

/** Accept, pass and two scratch marks, and one more for endpoints. */
const MINIMUM_MARK_BITS = 5;

function bitsOf(mask: number): number {
  return [...mask.toString(2)].filter((bit) => bit === "1").length;
}

/** The longest policy name that nftables mode survives is shorter than what Kubernetes allows (observed at 243 characters). */
const FATAL_NAME_LENGTH = 243;

/** Rules that Felix keeps and cannot turn into what the kernel takes: it crashes on each node where the policy selects something. */
function unrenderable(object: KubernetesObject, name: string, dataplane: Dataplane): Poison[] {
  if (dataplane === "bpf") return [];
  const decoded = decodePolicy(object, "");
  const crash = (field: string, why: string, fix: string): Poison => ({
    object: name,
    field,
    effect: "crash-loop",
    message: `Felix crashes on every node where the policy selects something: ${why}`,
    fix,
  });
  const found = (["ingress", "egress"] as const).flatMap((key) =>
    decoded[key].flatMap((rule, index) =>
      unrenderableRule(rule, dataplane).map(([field, why, fix]) =>
        crash(`spec.${key}[${index}].${field}`, why, fix),
      ),
    ),
  );
  if (dataplane === "nftables" && object.metadata.name.length >= FATAL_NAME_LENGTH) {
    found.push(crash("metadata.name", "nftables mode cannot hold so long a name", "Give it a shorter name."));
  }
  return found;
}

type Reason = readonly [field: string, why: string, fix: string];

function unrenderableRule(rule: Rule, dataplane: "iptables" | "nftables"): Reason[] {
  const reasons: Reason[] = [];
  if (actionOf(rule.action) === "unknown")
    reasons.push(["action", `${rule.action} is no action`, "Use Allow, Deny, Log or Pass."]);
  const { protocol } = rule;
  const numericIcmp = protocol?.kind === "number" && (protocol.number === ICMP || protocol.number === ICMPV6);
  if (numericIcmp && (rule.icmp?.type !== undefined || rule.notIcmp?.type !== undefined)) {
    reasons.push([
      "protocol",
      "an ICMP type needs the protocol's name, not its number",
      "Write ICMP or ICMPv6.",
    ]);
  }
  if (dataplane === "iptables" && protocol !== undefined && rule.notProtocol !== undefined) {
    reasons.push([
      "notProtocol",
      "iptables takes one protocol match",
      "Leave notProtocol out; protocol says enough.",
    ]);
  }
  if (dataplane === "nftables") {
    for (const [field, icmp] of [
      ["icmp", rule.icmp],
      ["notICMP", rule.notIcmp],
    ] as const) {
      if (icmp?.type !== undefined && icmp.code !== undefined) {
        reasons.push([
          field,
          "nftables mode cannot match an ICMP type together with a code",
          "Match the type alone.",
        ]);
      }
    }
  }
  return reasons;
}
