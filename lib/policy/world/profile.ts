import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { ALLOW_PROFILE } from "../../names/names.ts";
import { newDecoder, recordField, recordsField, stringField } from "../objects/decode-fields.ts";
import { compileRule, type CompiledRule } from "../rules/compile-rule.ts";
import { decodeRule } from "../rules/decode-rule.ts";
import type { SetTable } from "../rules/set-table.ts";
import type { Labels } from "../selector/parse-selector.ts";
import type { InheritedLabels } from "./labelled-addresses.ts";

/** Labels that an endpoint inherits, and rules that are asked after all tiers. */
export type Profile = {
  readonly labels: Labels;
  readonly ingress: readonly CompiledRule[];
  readonly egress: readonly CompiledRule[];
};

/**
 * The profiles that exist in a Kubernetes datastore: `projectcalico-default-allow`, one per namespace (allow both ways)
 * and one per service account (no rules). Source: docs/calico.md 3.
 */
export function builtInProfiles(inherited: InheritedLabels, sets: SetTable): Map<string, Profile> {
  const allow = compileRule(decodeRule(newDecoder(), { action: "Allow" }, ""), "", sets);
  const profiles = new Map<string, Profile>([
    [ALLOW_PROFILE, { labels: new Map(), ingress: [allow], egress: [allow] }],
  ]);
  for (const [namespace, labels] of inherited.namespaces) {
    const prefixed = prefix(labels, "pcns.", namespace);
    profiles.set(`kns.${namespace}`, { labels: prefixed, ingress: [allow], egress: [allow] });
  }
  for (const [key, labels] of inherited.serviceAccounts) {
    const name = key.slice(key.indexOf("/") + 1);
    profiles.set(`ksa.${key.replace("/", ".")}`, {
      labels: prefix(labels, "pcsa.", name),
      ingress: [],
      egress: [],
    });
  }
  return profiles;
}

/** A stored Profile: only etcd clusters have them; read here so that their worlds can be asked too. */
export function readProfile(object: KubernetesObject, sets: SetTable): Profile {
  const decoder = newDecoder();
  const spec = object.spec ?? {};
  const labels = recordField(decoder, spec, "labelsToApply", "spec");
  const rules = (key: string): readonly CompiledRule[] =>
    recordsField(decoder, spec, key, "spec").map((raw) =>
      compileRule(decodeRule(decoder, raw, key), "", sets),
    );
  return {
    labels: new Map(
      Object.keys(labels).map((key) => [key, stringField(decoder, labels, key, "labelsToApply")]),
    ),
    ingress: rules("ingress"),
    egress: rules("egress"),
  };
}

function prefix(labels: Labels, text: string, name: string): Labels {
  const prefixed = new Map([...labels].map(([key, value]) => [`${text}${key}`, value] as const));
  return prefixed.set(`${text}projectcalico.org/name`, name);
}
