/**
 * What the environment of its agent says to the Felix of a node: stronger than every FelixConfiguration.
 *
 * In: the agents, a node. Out: a source of settings, as the guard must believe it. Must never happen: a failsafe that counts on
 * a node whose agent nobody has seen, or may be another one.
 */
import type { AgentVariables, CalicoAgent, CalicoFacts } from "../../model/calico-agent.ts";
import { environmentSource, UNSEEN, type FelixEnvironment } from "../felix/felix-environment.ts";
import type { FelixSource } from "../felix/felix-settings.ts";
import { covers, type PlacedNode } from "./covers.ts";
import { agentName } from "./read-agent.ts";

export type FelixEnvironments = {
  /** Undefined: there is no agent, so nothing overrides the FelixConfigurations. */
  readonly of: (node: PlacedNode) => FelixSource | undefined;
  /** Each that some node may have; empty when there is no agent. */
  readonly all: readonly FelixSource[];
};

/** Environments for many nodes: each distinct one is made once. */
export function environmentsOf(facts: CalicoFacts): FelixEnvironments {
  const known = new Map<string, FelixSource>();
  const names = new Map(facts.agents.map((it, index) => [it, index]));
  const unseen = environmentSource(UNSEEN);
  const each = facts.agents.map((it) => environmentSource(mergeAgents([it])));
  return {
    of: (node) => {
      const agents = agentsFor(facts, node);
      if (agents.length === 0) return facts.looked === "all" ? undefined : unseen;
      const key = agents.map((it) => names.get(it)).join(" ");
      const source = known.get(key) ?? environmentSource(mergeAgents(agents));
      known.set(key, source);
      return source;
    },
    all: facts.looked === "all" ? each : [...each, unseen],
  };
}

/**
 * The agents that may run on a node. Where none does, its agent may be one that nobody has seen; if every DaemonSet was looked
 * at, it may be any of them, as soon as a taint or a label that keeps it off is gone.
 */
export function agentsFor({ agents, looked }: CalicoFacts, node: PlacedNode): readonly CalicoAgent[] {
  const here = agents.filter(({ placement }) => covers(placement, node) !== "no");
  return here.length > 0 || looked !== "all" ? here : agents;
}

/** One environment of several agents, of which any may be the one: what they differ in is not known. */
export function mergeAgents(agents: readonly CalicoAgent[]): FelixEnvironment {
  const each = agents.map((it) => it.variables);
  const names = [...new Set(each.flatMap((it) => [...Object.keys(it.values), ...it.unreadable]))].sort();
  const unreadable = names.filter(
    (name) =>
      each.some((it) => it.unreadable.includes(name)) || new Set(each.map((it) => it.values[name])).size > 1,
  );
  return {
    object: agents.map(agentName).join(" or "),
    variables: {
      values: Object.fromEntries(
        Object.entries(each[0]?.values ?? {}).filter(([name]) => !unreadable.includes(name)),
      ),
      unreadable,
      sources: sourcesOf(each),
    },
  };
}

function sourcesOf(each: readonly AgentVariables[]): readonly string[] {
  return [...new Set(each.flatMap((it) => it.sources))].sort();
}
