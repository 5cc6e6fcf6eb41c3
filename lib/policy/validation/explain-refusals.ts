/**
 * Who would refuse the objects of a file, and why: what a person who is about to apply it should know.
 *
 * In: objects as they are written, the versions of Calico that may run. Out: one line for each object that somebody refuses,
 * sorted; bounded, whatever the file holds.
 */
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { MASTER, compareCalicoVersions, type CalicoVersion } from "../version/calico-version.ts";
import type { Complaint } from "./complaint.ts";
import { SCHEMA_KINDS } from "./schemas/structural-schemas.ts";
import { validateObject } from "./validate-object.ts";

const MOST_COMPLAINTS = 3;
const MOST_OBJECTS = 20;
const MOST_CHARACTERS = 200;

/** @param versions that may run, read as the newest of them; none: the newest state that is known */
export function explainRefusals(
  objects: readonly KubernetesObject[],
  versions: readonly CalicoVersion[] = [],
): readonly string[] {
  const version = versions.toSorted(compareCalicoVersions).at(-1) ?? MASTER;
  const lines = objects
    .filter(({ kind }) => SCHEMA_KINDS.includes(kind))
    .flatMap((object) => {
      const why = refusalOf(object, version);
      return why === undefined ? [] : [`${object.kind}/${cut(object.metadata.name)}: ${why}`];
    })
    .sort();
  const more = lines.length - MOST_OBJECTS;
  return more > 0 ? [...lines.slice(0, MOST_OBJECTS), `${more} more objects would be refused`] : lines;
}

function refusalOf(object: KubernetesObject, version: CalicoVersion): string | undefined {
  const { calico, admission } = validateObject(object, version);
  const group =
    object.apiVersion === "crd.projectcalico.org/v1" || admission["projectcalico.org/v3"] === undefined
      ? "crd.projectcalico.org/v1"
      : "projectcalico.org/v3";
  const served = admission[group];
  if (served?.valid === false)
    return `the API server refuses it (${tell(served.complaints)}); correct it before you apply it`;
  return calico.valid
    ? undefined
    : `calicoctl and Calico's API server refuse it (${tell(calico.complaints)}), kubectl on ${group} would store it; correct it`;
}

function tell(complaints: readonly Complaint[]): string {
  const told = [...new Set(complaints.map(({ field, reason }) => `${cut(field)}: ${cut(reason)}`))];
  const more = told.length - MOST_COMPLAINTS;
  return `${told.slice(0, MOST_COMPLAINTS).join("; ")}${more > 0 ? `; ${more} more` : ""}`;
}

function cut(text: unknown): string {
  const given = typeof text === "string" ? text : "?";
  return given.length > MOST_CHARACTERS ? `${given.slice(0, MOST_CHARACTERS)}…` : given;
}
