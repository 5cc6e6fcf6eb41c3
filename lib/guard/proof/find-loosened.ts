/**
 * Which nodes let through, after a change, what they denied before.
 *
 * In: the world before and after. Out: an example flow for each such node. Every class of flows that the policies tell apart is
 * asked about, essential or not (`every-flow.ts`). Nodes that are alike are asked once.
 */
import { formatAddress, type Address } from "../../address/parse-address.ts";
import type { Flow } from "../../model/flow.ts";
import type { Node } from "../../model/node.ts";
import type { Verdict } from "../../model/verdict.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import { verdictFor } from "../../policy/verdict.ts";
import type { World } from "../../policy/world/world.ts";
import { endpointClasses } from "./endpoint-classes.ts";
import { everyFlow, type EveryFlow } from "./every-flow.ts";
import { addressesOfNode } from "./node-addresses.ts";

/** `policy`: what a policy or the end of its tier denied. `any`: also what no policy let through, and no profile either. */
export type Denial = "policy" | "any";
export type Loosened = { readonly flow: Flow; readonly before: Verdict; readonly after: Verdict };

export function findLoosened(
  before: World,
  after: World,
  { nodes, denial }: { readonly nodes: readonly Node[]; readonly denial: Denial },
): ReadonlyMap<string, Loosened> {
  const flows = everyFlow([before, after], nodes.flatMap(addressesOfNode));
  const classes = endpointClasses([before, after].flatMap(everyReading));
  const found = new Map<string, Loosened>();
  const groups = Map.groupBy(nodes, (it) => `${classes.get(it.name) ?? ""} ${placeOf(it, before, flows)}`);
  for (const [first, ...others] of groups.values()) {
    const loosened = first && firstLoosened(before, after, flows.questionsFor(first.name), denial);
    if (first === undefined || loosened === undefined) continue;
    found.set(first.name, loosened);
    for (const { name } of others) found.set(name, { ...loosened, flow: { ...loosened.flow, node: name } });
  }
  return found;
}

/** How the policies tell the node's own addresses apart, interface by interface. */
function placeOf({ name }: Node, world: World, { classes }: EveryFlow): string {
  const facts = world.nodes.get(name)?.facts;
  if (facts === undefined) return name;
  const word = (addresses: readonly Address[]) => addresses.map((it) => classes.classOf(it)).join();
  const lone = facts.mainAddresses.map(formatAddress).length;
  return `${lone} ${word(facts.mainAddresses)} ${[...facts.interfaces].map(([on, it]) => `${on}=${word(it)}`).join(";")}`;
}

function firstLoosened(
  before: World,
  after: World,
  flows: readonly Flow[],
  denial: Denial,
): Loosened | undefined {
  for (const flow of flows) {
    const was = verdictFor(before, flow, { hostsOnly: true });
    if (was.verdict !== "deny" || !counts(was, denial)) continue;
    const is = verdictFor(after, flow, { hostsOnly: true });
    if (is.verdict !== "deny") return { flow, before: was, after: is };
  }
  return undefined;
}

function counts({ decidedBy, reason }: Verdict, denial: Denial): boolean {
  return denial === "any" || decidedBy.policy !== undefined || reason === "end-of-tier";
}
