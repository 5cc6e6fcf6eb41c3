import type { CalicoAgent } from "../../model/calico-agent.ts";
import type { Finding } from "../../model/finding.ts";
import { agentName } from "../../policy/agent/read-agent.ts";
import { environmentSource, unreadableSettings, variableOf } from "../../policy/felix/felix-environment.ts";
import type { Check } from "../facts.ts";

/**
 * Variables of an agent beat every FelixConfiguration (docs/calico.md 11): who edits the object and sees no effect
 * should know why, and where the guard cannot see a value it must say so.
 */
export const felixEnvironmentCheck: Check = ({ plan }) => {
  if (plan === undefined) return [];
  const { calico, policyObjects } = plan.snapshot;
  const stored = new Set(policyObjects.felixConfigurations.flatMap((it) => Object.keys(it.spec ?? {})));
  return calico.agents.flatMap((it) => [...hidden(it, stored), ...unreadable(it)]);
};

function hidden(agent: CalicoAgent, stored: ReadonlySet<string>): readonly Finding[] {
  const object = agentName(agent);
  const { spec } = environmentSource({ object, variables: { ...agent.variables, sources: [] } });
  return Object.keys(spec)
    .filter((it) => stored.has(it))
    .map((field) => ({
      severity: "warning",
      code: "felix-environment-hides",
      object,
      message: `its variable ${variableOf(field)} hides ${field} of the FelixConfigurations, which has no effect`,
      fix: "remove one of the two",
    }));
}

function unreadable(agent: CalicoAgent): readonly Finding[] {
  const object = agentName(agent);
  const { sources } = agent.variables;
  const variables = unreadableSettings(agent.variables);
  const finding = (message: string): Finding => ({
    severity: "warning",
    code: "felix-environment-unreadable",
    object,
    message,
    fix: "write the values into the DaemonSet, or set them in a FelixConfiguration",
  });
  return [
    ...(variables.length === 0
      ? []
      : [
          finding(
            `the values of ${variables.join(", ")} stand elsewhere: the guard takes failsafes from there for none, says nothing certain where a value decides which program filters, and assumes that the others override nothing`,
          ),
        ]),
    ...(sources.length === 0
      ? []
      : [
          finding(
            `${sources.slice(0, 5).join(", ")} may hold FELIX_ variables that nobody can see from here: the guard counts on no failsafe that the DaemonSet does not name itself`,
          ),
        ]),
  ];
}
