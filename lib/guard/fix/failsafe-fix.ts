/**
 * How the failsafes get the entries that essential flows lack, as commands.
 *
 * In: Calico's objects and agents, flows. Out: what to change where. A list that an agent's environment sets hides the one of
 * the FelixConfiguration, whole (docs/calico.md 11), so it is the variable of that DaemonSet that must change then.
 */
import type { CalicoAgent } from "../../model/calico-agent.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { readCalicoMetadata } from "../../model/read-calico-metadata.ts";
import type { PolicyObjects, Snapshot } from "../../model/snapshot.ts";
import { mergeAgents } from "../../policy/agent/environment-for.ts";
import { AGENT_CONTAINER, agentName } from "../../policy/agent/read-agent.ts";
import { environmentSource, variableOf } from "../../policy/felix/felix-environment.ts";
import { FAILSAFE_FIELDS } from "../../policy/felix/felix-settings.ts";
import type { EssentialFlow } from "../essential-flows/essential-flow.ts";
import { mergeFailsafes, type FailsafeEntry, type FailsafePatch } from "./merge-failsafes.ts";

export type FailsafeFix = {
  /** What has to change, `Kind/name`. */
  readonly object: string;
  readonly command: string;
  /** Ids of the flows that lack an entry. */
  readonly missing: readonly string[];
};
type Scene = Pick<Snapshot, "group" | "policyObjects" | "calico">;

/** Undefined when failsafes keep all of the flows open that they can, on the nodes of every agent. */
export function failsafeFix(
  { group, policyObjects, calico }: Scene,
  flows: readonly EssentialFlow[],
): FailsafeFix | undefined {
  const patch = patchOf(policyObjects, calico.agents, flows);
  const hidden = calico.agents.flatMap((it) => changeOf(policyObjects, it, flows) ?? []);
  const [first] = hidden;
  const isPatched = Object.keys(patch).length > 0;
  if (!isPatched && first === undefined) return undefined;
  const inForce = listsOf(policyObjects, calico.agents);
  return {
    object: isPatched || first === undefined ? "FelixConfiguration/default" : agentName(first.agent),
    command: [...(isPatched ? [patchCommand(group, patch)] : []), ...hidden.flatMap(commandsFor)].join("; "),
    missing: flows
      .filter((flow) => inForce.some((it) => Object.keys(mergeFailsafes(it, [flow])).length > 0))
      .map((it) => it.id),
  };
}

function patchCommand(group: string, patch: FailsafePatch): string {
  const resource = `felixconfigurations.${group.split("/")[0] ?? ""}`;
  return `kubectl patch ${resource} default --type merge -p '${JSON.stringify({ spec: patch })}'`;
}

/** The part of the lists that a FelixConfiguration can carry: nothing of a list that every agent's environment hides. */
export function failsafePatch(
  { policyObjects, calico }: Pick<Scene, "policyObjects" | "calico">,
  flows: readonly EssentialFlow[],
): FailsafePatch {
  return patchOf(policyObjects, calico.agents, flows);
}

function patchOf(
  policyObjects: PolicyObjects,
  agents: readonly CalicoAgent[],
  flows: readonly EssentialFlow[],
): FailsafePatch {
  const isHidden = (field: string) =>
    agents.length > 0 && agents.every((it) => Object.hasOwn(listsFrom(it), field));
  const wanted = Object.entries(mergeFailsafes(configurationOf(policyObjects), flows));
  return Object.fromEntries(wanted.filter(([field]) => !isHidden(field)));
}

type Change = {
  readonly agent: CalicoAgent;
  readonly lists: readonly { readonly variable: string; readonly text: string }[];
};

/** What the variables of an agent lack; undefined when nothing. */
function changeOf(
  policyObjects: PolicyObjects,
  agent: CalicoAgent,
  flows: readonly EssentialFlow[],
): Change | undefined {
  const [inForce = {}] = listsOf(policyObjects, [agent]);
  const lists = Object.entries(mergeFailsafes(inForce, flows)).flatMap(([field, entries]) =>
    Object.hasOwn(listsFrom(agent), field)
      ? [{ variable: variableOf(field), text: entries.map(entryText).join(",") }]
      : [],
  );
  return lists.length === 0 ? undefined : { agent, lists };
}

function commandsFor({ agent, lists }: Change): readonly string[] {
  const { values, sources } = agent.variables;
  const readable = lists.filter(({ variable }) => values[variable] !== undefined);
  const settings = readable.map(({ variable, text }) => `${variable}='${text}'`).join(" ");
  const namespace = agent.namespace === "" ? "calico-system" : agent.namespace;
  return [
    ...(readable.length === 0
      ? []
      : [`kubectl -n ${namespace} set env daemonset/${agent.name} ${settings} -c ${AGENT_CONTAINER}`]),
    // What it holds now must not be lost, and nobody can see it from here.
    ...lists
      .filter((it) => !readable.includes(it))
      .map(({ variable, text }) =>
        agent.variables.unreadable.includes(variable)
          ? `add ${text} to what ${variable} gets its value from`
          : `write ${variable}='${text}' into the environment of ${agentName(agent)}, together with what ${sources.join(", ")} may set it to`,
      ),
  ];
}

/** For each agent, `FelixConfiguration/default` with the lists that its environment sets in place of its own. */
function listsOf(
  policyObjects: PolicyObjects,
  agents: readonly CalicoAgent[],
): readonly Pick<KubernetesObject, "spec">[] {
  const configuration = configurationOf(policyObjects);
  if (agents.length === 0) return [configuration];
  return agents.map((it) => ({ spec: { ...configuration.spec, ...listsFrom(it) } }));
}

function configurationOf({ felixConfigurations }: PolicyObjects): Pick<KubernetesObject, "spec"> {
  const inForce = felixConfigurations.find(
    (it) => it.metadata.name === "default" && readCalicoMetadata(it).kind === "read",
  );
  return { spec: { ...inForce?.spec } };
}

function listsFrom(agent: CalicoAgent) {
  const lists: readonly string[] = Object.values(FAILSAFE_FIELDS);
  return Object.fromEntries(
    Object.entries(environmentSource(mergeAgents([agent])).spec).filter(([field]) => lists.includes(field)),
  );
}

/** Felix's string form; IPv6 nets stand in brackets (docs/calico.md 11). */
function entryText({ protocol, port, net }: FailsafeEntry): string {
  if (net === undefined) return `${protocol}:${port}`;
  return `${protocol}:${net.includes(":") ? `[${net}]` : net}:${port}`;
}
