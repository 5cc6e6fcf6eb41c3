import type { Finding } from "../../model/finding.ts";
import type { Violation } from "../../model/guarded-plan.ts";
import type { Node } from "../../model/node.ts";
import { labelsByCalico } from "../../model/node-labels.ts";
import type { Action, UpdateAction } from "../../model/plan.ts";
import { endpointFieldsOfModel } from "../../policy/world/endpoint.ts";
import { nodeFactsOfModel } from "../../policy/world/node-facts.ts";
import { attachEndpoints } from "../../policy/world/attach-endpoints.ts";
import { worldOf } from "../../world/world-of.ts";
import { findLoosened, type Loosened } from "../proof/find-loosened.ts";
import { resultOf } from "../proof/plan-states.ts";
import { nothingAgainst, type GuardRequest, type Rule } from "../rule.ts";

/**
 * No change that a person chose, in the settings or by an adoption, opens what a policy denied before unless that is accepted.
 * What the Node itself brings (its labels, its addresses) is followed: that is what endpoints are for. Creations, what is removed
 * with its node and break-glass are not asked about.
 */
export const looseningRule: Rule = (request) => {
  const nodes = new Map(request.snapshot.nodes.map((it) => [it.name, it]));
  const chosen = request.plan.actions.filter((it) =>
    request.adopts === undefined
      ? it.kind === "update" && isChosen(it, nodes.get(it.node))
      : it.kind !== "create",
  );
  if (chosen.length === 0) return { judge: nothingAgainst, findings: [] };
  const loosened = lookAt(request, chosen);
  const blamed = new Map<Action, Loosened>();
  for (const [node, example] of loosened) {
    const own = chosen.filter((it) => it.node === node);
    for (const it of own.length > 0 ? own : chosen.filter(changesMembership)) blamed.set(it, example);
  }
  return {
    judge: (action) => {
      const example = blamed.get(action);
      return example === undefined || request.acceptLoosening === true ? undefined : violationOf(example);
    },
    findings: findingsOf(loosened, request),
  };
};

function lookAt(
  { plan, snapshot, adopts }: GuardRequest,
  chosen: readonly Action[],
): ReadonlyMap<string, Loosened> {
  const before = worldOf(snapshot);
  const isMeant = new Set(chosen);
  const byName = new Map(plan.actions.map((it) => [it.name, it]));
  const after = attachEndpoints(before.policies, {
    endpoints: snapshot.hostEndpoints
      .flatMap((it) => {
        const action = byName.get(it.name);
        return action === undefined || !isMeant.has(action) ? [it] : (resultOf(action) ?? []);
      })
      .map(endpointFieldsOfModel),
    nodes: snapshot.nodes.map(nodeFactsOfModel),
  });
  return findLoosened(before, after, {
    nodes: snapshot.nodes,
    denial: adopts === "source" ? "any" : "policy",
  });
}

/** Somebody's settings made it, and not what the Node says of itself. */
function isChosen({ changes }: UpdateAction, node: Node | undefined): boolean {
  const own = node === undefined ? {} : labelsByCalico(node);
  const listed = new Set(node?.addresses.map((it) => it.address));
  return changes.some(({ path, from, to }) => {
    const label = /^metadata\.labels\[(".*")\]$/.exec(path)?.[1];
    if (label !== undefined) {
      const now = own[JSON.parse(label) as string];
      return to === undefined ? now !== undefined && now === from : to !== now;
    }
    if (path === "spec.expectedIPs")
      return (
        Array.isArray(from) &&
        Array.isArray(to) &&
        from.some((it) => typeof it === "string" && listed.has(it) && !to.includes(it))
      );
    return path === "spec.interfaceName" || path === "spec.profiles";
  });
}

/** Its labels or addresses put it into other sets of others' rules. */
function changesMembership(action: Action): boolean {
  if (action.kind !== "update") return true;
  return action.changes.some(({ path }) => path.startsWith("metadata.labels") || path === "spec.expectedIPs");
}

const FIX =
  'see what opens it (`changes`), and correct the settings; if it is meant, say so once: "--accept-loosening" of hepctl reconcile or adopt';

function violationOf(example: Loosened): Violation {
  return { reason: "loosens", detail: describe(example), fix: FIX };
}

function findingsOf(
  loosened: ReadonlyMap<string, Loosened>,
  { acceptLoosening }: GuardRequest,
): readonly Finding[] {
  const byWords = Map.groupBy([...loosened], ([, it]) => describe(it, "a node"));
  return [...byWords.values()].flatMap((same): readonly Finding[] => {
    const [first] = same;
    if (first === undefined) return [];
    const names = same.map(([node]) => node);
    return [
      {
        severity: "warning",
        code: "loosens",
        object: `Node/${first[0]}`,
        message: `${describe(first[1])} (${names.length} ${names.length === 1 ? "node" : "nodes"}: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""})`,
        fix: acceptLoosening === true ? "nothing: it was accepted" : FIX,
      },
    ];
  });
}

/** With `node` in place of the name and the node's own address, so that nodes alike are told once. */
function describe({ flow, before, after }: Loosened, node?: string): string {
  const own = flow.direction === "ingress" ? flow.destination : flow.source;
  const other = flow.direction === "ingress" ? flow.source : flow.destination;
  const port = flow.destination.port === undefined ? "" : ` port ${flow.destination.port}`;
  const on = flow.interface === undefined ? "" : ` on ${flow.interface}`;
  const at = node ?? `${flow.node} (${own.ip})`;
  const by = before.decidedBy.policy === undefined ? before.reason : `policy ${before.decidedBy.policy}`;
  const way = flow.direction === "ingress" ? `from ${other.ip} to ${at}` : `from ${at} to ${other.ip}`;
  return `it opens what was denied by ${by}: ${flow.direction} ${protocolName(flow.protocol)}${port} ${way}${on} (then ${after.verdict}: ${after.reason})`;
}

const NAMES: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp" };

function protocolName(protocol: string | number): string {
  return typeof protocol === "string" ? protocol : (NAMES[protocol] ?? `protocol ${protocol}`);
}
