import type { Finding } from "../../model/finding.ts";
import {
  environmentSource,
  readFelixEnvironment,
  unreadableSettings,
  variableOf,
} from "../../policy/felix/felix-environment.ts";
import type { Check } from "../facts.ts";

/**
 * Variables of calico-node beat every FelixConfiguration (docs/calico.md 11): who edits the object and sees no effect
 * should know why, and where the guard cannot see a value it must say so.
 */
export const felixEnvironmentCheck: Check = ({ plan }) => {
  const { daemonSets = [], felixConfigurations = [] } = plan?.snapshot.policyObjects ?? {};
  const environment = readFelixEnvironment(daemonSets);
  if (environment === undefined) return [];
  const { object } = environment;
  const stored = felixConfigurations.flatMap((it) => Object.keys(it.spec ?? {}));
  const hidden = Object.keys(environmentSource(environment).spec).filter((it) => stored.includes(it));
  const unreadable = unreadableSettings(environment);
  return [
    ...hidden.map((field): Finding => ({
      severity: "warning",
      code: "felix-environment-hides",
      object,
      message: `its variable ${variableOf(field)} hides ${field} of the FelixConfigurations, which has no effect`,
      fix: "remove one of the two",
    })),
    ...(unreadable.length === 0
      ? []
      : [
          {
            severity: "warning",
            code: "felix-environment-unreadable",
            object,
            message: `the values of ${unreadable.join(", ")} stand elsewhere, or differ between DaemonSets: the guard takes failsafes from there for none, and assumes that the others override nothing`,
            fix: "write the values into the DaemonSet, or set them in a FelixConfiguration",
          } satisfies Finding,
        ]),
  ];
};
