import { compareCalicoVersions, type CalicoVersion } from "../../version/calico-version.ts";

/** A state of Calico whose rules are known; README.md says which commit each was read from. */
export type SchemaState = "v3.29" | "v3.31" | "v3.32" | "master";

/** From which version on a state's rules hold. 3.30 differs from 3.31 in a few later fields of FelixConfiguration alone. */
const FIRST_VERSIONS: readonly (readonly [SchemaState, CalicoVersion])[] = [
  ["master", { major: 3, minor: 33, patch: 0 }],
  ["v3.32", { major: 3, minor: 32, patch: 0 }],
  ["v3.31", { major: 3, minor: 30, patch: 0 }],
];
/** All of them, the oldest first. */
export const SCHEMA_STATES: readonly SchemaState[] = ["v3.29", "v3.31", "v3.32", "master"];

/** The newest known state that is not newer than the version; the oldest for everything before it. */
export function schemaStateOf(version: CalicoVersion): SchemaState {
  return FIRST_VERSIONS.find(([, first]) => compareCalicoVersions(version, first) >= 0)?.[0] ?? "v3.29";
}

/** True for a state before another one. */
export function isBefore(state: SchemaState, other: SchemaState): boolean {
  return SCHEMA_STATES.indexOf(state) < SCHEMA_STATES.indexOf(other);
}
