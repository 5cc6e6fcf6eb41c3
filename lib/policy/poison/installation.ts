/**
 * What poison depends on beside the object: the versions that may run, and what each programs on the cluster's nodes.
 *
 * In: objects, versions, what is known of kube-proxy. Out: for a row of the table, whether it strikes.
 */
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { calicoFacts } from "../agent/calico-facts.ts";
import { environmentsOf } from "../agent/environment-for.ts";
import { readFelixSource, resolveFelixSettings, type AutomaticDataplane } from "../felix/felix-settings.ts";
import { isInRanges, type CalicoVersion } from "../version/calico-version.ts";
import { isOtherName } from "../version/touched-rules.ts";
import { rulesOf } from "../version/version-rules.ts";
import type { KubeProxyMode } from "../world/compile-policies.ts";
import type { PoisonDoubt, PoisonRow, Rendering } from "./poison.ts";

export type Installation = {
  readonly versions: readonly CalicoVersion[];
  /** For each version what may be programmed: one list of renderings, or one for each mode of kube-proxy. */
  readonly scenarios: (version: CalicoVersion) => readonly (readonly Rendering[])[];
};

/** Felix's modes by its configuration, its environment and, from 3.32 on, kube-proxy. */
export function installationOf(
  objects: readonly KubernetesObject[],
  versions: readonly CalicoVersion[],
  kubeProxy: KubeProxyMode,
): Installation {
  const environments = environmentsOf(calicoFacts({ daemonSets: objects })).all;
  const strongest = environments.length === 0 ? [[]] : environments.map((it) => [it]);
  const sources = objects
    .filter(({ kind }) => kind === "FelixConfiguration")
    .flatMap((object) => readFelixSource(object) ?? []);
  const base = sources.filter(({ name }) => name === "default");
  const known = new Map<unknown, readonly (readonly Rendering[])[]>();
  return {
    versions,
    scenarios: (version) => {
      const rules = rulesOf(version);
      const found = known.get(rules);
      if (found !== undefined) return found;
      const read = sources.filter(
        ({ name }) =>
          name !== "default" && (rules.otherConfigurations === "by-node-selector" || !isOtherName(name)),
      );
      const stacks = strongest.flatMap((environment) =>
        [base, ...read.map((it) => [it, ...base])].map((it) => [...environment, ...it]),
      );
      const under = (automatic: AutomaticDataplane): readonly Rendering[] => [
        ...new Set(
          stacks
            .map((it) => resolveFelixSettings(it, { rules, automatic }).dataplane)
            .filter((it) => it !== "either"),
        ),
      ];
      const scenarios = kubeProxy === "unknown" ? [under("iptables"), under("nftables")] : [under(kubeProxy)];
      const distinct = [...new Map(scenarios.map((it) => [it.join(), it])).values()];
      known.set(rules, distinct);
      return distinct;
    },
  };
}

/** Whether a row of the table strikes, which versions it strikes, and what is in doubt; `undefined` when it cannot. */
export function strikes<Input>(
  { versions, renderings }: PoisonRow<Input>,
  installation: Installation,
): { readonly doubt: PoisonDoubt | undefined; readonly versions: readonly CalicoVersion[] } | undefined {
  const struck = installation.versions
    .filter((version) => isInRanges(version, versions))
    .map((version) => {
      const scenarios = installation.scenarios(version);
      const hit = scenarios.filter(
        (used) => renderings === undefined || used.some((it) => renderings.includes(it)),
      );
      return { version, certain: hit.length === scenarios.length, possible: hit.length > 0 };
    })
    .filter(({ possible }) => possible);
  if (struck.length === 0) return undefined;
  const certain = struck.filter((it) => it.certain);
  return {
    doubt:
      certain.length === 0
        ? "dataplane"
        : certain.length === installation.versions.length
          ? undefined
          : "version",
    versions: struck.map(({ version }) => version),
  };
}
