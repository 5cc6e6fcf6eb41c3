/**
 * How the failsafes get the entries that essential flows lack, as commands.
 *
 * In: Calico's objects, flows. Out: what to change where. A list that calico-node's environment sets hides the one of the
 * FelixConfiguration, whole (docs/calico.md 11), so it is the variable that must change then.
 */
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { PolicyObjects, Snapshot } from "../../model/snapshot.ts";
import {
  CALICO_NODE,
  environmentSource,
  readFelixEnvironment,
  variableOf,
} from "../../policy/felix/felix-environment.ts";
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

/** Undefined when failsafes keep all of the flows open that they can. */
export function failsafeFix(
  { group, policyObjects }: Pick<Snapshot, "group" | "policyObjects">,
  flows: readonly EssentialFlow[],
): FailsafeFix | undefined {
  const inForce = listsInForce(policyObjects);
  const whole = mergeFailsafes(inForce, flows);
  if (Object.keys(whole).length === 0) return undefined;
  const hidden = hiddenFields(policyObjects);
  const environment = readFelixEnvironment(policyObjects.daemonSets ?? []);
  const patch = Object.entries(whole).filter(([field]) => !hidden.includes(field));
  const variables = Object.entries(whole).flatMap(([field, entries]) =>
    hidden.includes(field) ? [{ name: variableOf(field), list: entries.map(entryText).join(",") }] : [],
  );
  const isUnreadable = (name: string) => environment?.unreadable.includes(name) === true;
  const readable = variables.filter((it) => !isUnreadable(it.name));
  return {
    object: patch.length === 0 ? (environment?.object ?? "") : "FelixConfiguration/default",
    command: [
      ...(patch.length === 0 ? [] : [patchCommand(group, Object.fromEntries(patch))]),
      ...(readable.length === 0 ? [] : [variablesCommand(environment?.object ?? "", readable)]),
      // What it holds now must not be lost, and nobody can see it from here.
      ...variables
        .filter((it) => isUnreadable(it.name))
        .map((it) => `add ${it.list} to what ${it.name} gets its value from`),
    ].join("; "),
    missing: flows.filter((it) => Object.keys(mergeFailsafes(inForce, [it])).length > 0).map((it) => it.id),
  };
}

function patchCommand(group: string, patch: FailsafePatch): string {
  const resource = `felixconfigurations.${group.split("/")[0] ?? ""}`;
  return `kubectl patch ${resource} default --type merge -p '${JSON.stringify({ spec: patch })}'`;
}

/** @param daemonSet `DaemonSet/namespace/name` */
function variablesCommand(
  daemonSet: string,
  variables: readonly { readonly name: string; readonly list: string }[],
): string {
  const namespace = daemonSet.split("/").at(-2) ?? "calico-system";
  const settings = variables.map((it) => `${it.name}='${it.list}'`).join(" ");
  return `kubectl -n ${namespace} set env daemonset/${CALICO_NODE} ${settings}`;
}

/** The part of the lists that a FelixConfiguration can carry: nothing of a list that the environment hides. */
export function failsafePatch(policyObjects: PolicyObjects, flows: readonly EssentialFlow[]): FailsafePatch {
  const hidden = hiddenFields(policyObjects);
  return Object.fromEntries(
    Object.entries(mergeFailsafes(listsInForce(policyObjects), flows)).filter(
      ([field]) => !hidden.includes(field),
    ),
  );
}

/** `FelixConfiguration/default` with the lists that the environment sets in place of its own. */
function listsInForce(policyObjects: PolicyObjects): Pick<KubernetesObject, "spec"> {
  const configuration = policyObjects.felixConfigurations.find((it) => it.metadata.name === "default");
  return { spec: { ...configuration?.spec, ...fromEnvironment(policyObjects) } };
}

function hiddenFields(policyObjects: PolicyObjects): readonly string[] {
  return Object.keys(fromEnvironment(policyObjects));
}

function fromEnvironment({ daemonSets = [] }: PolicyObjects) {
  const environment = readFelixEnvironment(daemonSets);
  const lists: readonly string[] = Object.values(FAILSAFE_FIELDS);
  return environment === undefined
    ? {}
    : Object.fromEntries(
        Object.entries(environmentSource(environment).spec).filter(([field]) => lists.includes(field)),
      );
}

/** Felix's string form; IPv6 nets stand in brackets (docs/calico.md 11). */
function entryText({ protocol, port, net }: FailsafeEntry): string {
  if (net === undefined) return `${protocol}:${port}`;
  return `${protocol}:${net.includes(":") ? `[${net}]` : net}:${port}`;
}
