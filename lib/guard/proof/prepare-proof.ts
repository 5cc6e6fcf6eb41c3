import type { CalicoFacts } from "../../model/calico-agent.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { usesTypha } from "../../policy/felix/felix-environment.ts";
import { resolveFelixSettings, type FelixSettings } from "../../policy/felix/felix-settings.ts";
import { isSelectorError, parseSelector } from "../../policy/selector/parse-selector.ts";
import type { CompiledPolicies, World } from "../../policy/world/world.ts";
import { worldOf, type WorldSnapshot } from "../../world/world-of.ts";
import { chooseFlows, type FlowSettings } from "../essential-flows/choose-flows.ts";
import { detectSurroundings, type Surroundings } from "../essential-flows/detect-surroundings.ts";
import type { KnownNodes } from "./probes-for.ts";
import { addressesOfNode } from "./node-addresses.ts";
import type { SelectedFlow } from "./prove-plan.ts";

/** What a proof needs of a snapshot, compiled once. */
export type ProofBasis = {
  /** With the endpoints that are there now. */
  readonly world: World;
  readonly policies: CompiledPolicies;
  readonly network: Surroundings;
  readonly known: KnownNodes;
  readonly flows: readonly SelectedFlow[];
};

export function prepareProof(
  snapshot: WorldSnapshot & Pick<Snapshot, "network">,
  settings: FlowSettings,
): ProofBasis {
  const world = worldOf(snapshot);
  const { policies } = world;
  const network = detectSurroundings({
    facts: snapshot.network,
    nodes: snapshot.nodes,
    provider: settings.provider,
    settings: distinctSettings(policies),
    typha: anyUsesTypha(snapshot.calico),
  });
  const known: KnownNodes = snapshot.complete
    ? {
        kind: "all",
        addresses: snapshot.nodes.flatMap(addressesOfNode),
        tunnelPeers: world.tunnelPeers,
      }
    : { kind: "some", blocks: network.vpc.nets };
  return { world, policies, network, known, flows: chooseFlows(network, settings).map(select) };
}

/** Settings of each source on its own, under each environment. Which nodes they are for is not looked at. */
function distinctSettings(policies: CompiledPolicies): readonly FelixSettings[] {
  const { felixSources, felixEnvironments, otherReadings } = policies;
  const strongest = felixEnvironments.all.length === 0 ? [[]] : felixEnvironments.all.map((it) => [it]);
  const own = strongest.flatMap((environment) =>
    [[], ...felixSources.map((it) => [it])].map((it) =>
      resolveFelixSettings([...environment, ...it], policies),
    ),
  );
  return [...own, ...otherReadings.flatMap(distinctSettings)];
}

/** Undefined when nobody knows. One agent that uses it is enough. */
function anyUsesTypha({ agents, looked }: CalicoFacts): boolean | undefined {
  const answers = agents.map((it) => usesTypha(it.variables));
  if (answers.includes(true)) return true;
  return answers.length === 0 || answers.includes(undefined) || looked === "none" ? undefined : false;
}

function select(flow: SelectedFlow["flow"]): SelectedFlow {
  const parsed = flow.nodes === undefined ? undefined : parseSelector(flow.nodes);
  return { flow, selector: parsed === undefined || isSelectorError(parsed) ? undefined : parsed };
}
