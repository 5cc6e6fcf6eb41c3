import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { CALICO_V1 } from "../../model/calico-group.ts";
import { CALICO_METADATA_ANNOTATION } from "../../names/names.ts";
import { parseJson } from "../objects/read-metadata.ts";
import { DECIDING_FIELDS, parameterOf, readParameter } from "./felix-parameters.ts";

const PREFIX = "config.projectcalico.org/";

/**
 * Fields that annotations of a FelixConfiguration set: `config.projectcalico.org/<parameter>`, in Felix's own text form. They
 * are stronger than the field of the same object, and an empty one takes the field away.
 * Source: docs/calico-versions.md, correction 12.
 */
export function configurationOverrides(object: KubernetesObject): Readonly<Record<string, JsonValue>> {
  const given = new Map(
    Object.entries(annotationsOf(object)).flatMap(([key, value]) =>
      key.startsWith(PREFIX) ? [[key.slice(PREFIX.length).toLowerCase(), value] as const] : [],
    ),
  );
  if (given.size === 0) return {};
  return Object.fromEntries(
    DECIDING_FIELDS.flatMap((field) => {
      const text = given.get(parameterOf(field).toLowerCase());
      return text === undefined ? [] : [[field, text === "" ? "" : readParameter(field, text)] as const];
    }),
  );
}

/** Both homes of annotations, that of Calico's clients over the native one (docs/calico.md 1.2). */
function annotationsOf({ apiVersion, metadata }: KubernetesObject): Readonly<Record<string, string>> {
  const native = metadata.annotations ?? {};
  const packed = apiVersion === CALICO_V1 ? native[CALICO_METADATA_ANNOTATION] : undefined;
  const parsed = packed === undefined ? undefined : parseJson(packed);
  const inner = isJsonObject(parsed) ? parsed["annotations"] : undefined;
  if (!isJsonObject(inner)) return native;
  const texts = Object.entries(inner).filter((it): it is [string, string] => typeof it[1] === "string");
  return { ...native, ...Object.fromEntries(texts) };
}
