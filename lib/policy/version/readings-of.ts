import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { MASTER, compareCalicoVersions, type CalicoVersion } from "./calico-version.ts";
import { touchedRules } from "./touched-rules.ts";
import { VERSION_RULES, rulesOf, type VersionRules } from "./version-rules.ts";

/** One way to read a world, and the versions of Calico that read it that way. */
export type Reading = {
  /** Those of the newest of the versions; the others differ in nothing that the world can feel. */
  readonly rules: VersionRules;
  /** Newest first. */
  readonly versions: readonly CalicoVersion[];
};

/**
 * The distinct ways in which the versions read the objects, that of the newest version first. One, when the objects feel
 * none of the differences. Where no version is given, the newest state of Calico reads them.
 */
export function readingsOf(
  objects: readonly KubernetesObject[],
  versions: readonly CalicoVersion[],
): readonly [Reading, ...Reading[]] {
  const sorted = (versions.length === 0 ? [MASTER] : versions).toSorted((a, b) =>
    compareCalicoVersions(b, a),
  );
  const all = sorted.map((version) => ({ version, rules: rulesOf(version) }));
  const names = RULE_NAMES.filter((name) => new Set(all.map(({ rules }) => rules[name])).size > 1);
  const touched = names.length === 0 ? new Set<string>() : touchedRules(objects);
  const deciding = names.filter((name) => touched.has(name));
  const groups = Map.groupBy(all, ({ rules }) => deciding.map((name) => rules[name]).join());
  const readings = [...groups.values()].map((group): Reading => ({
    rules: group[0]?.rules ?? rulesOf(MASTER),
    versions: group.map(({ version }) => version),
  }));
  return readings as [Reading, ...Reading[]];
}

const RULE_NAMES = Object.keys(VERSION_RULES) as readonly (keyof VersionRules)[];
