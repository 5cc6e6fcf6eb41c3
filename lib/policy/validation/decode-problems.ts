import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { FAILSAFE_FIELDS } from "../felix/felix-settings.ts";
import { parseApiFailsafes } from "../felix/parse-failsafes.ts";
import { decodePort } from "../rules/port.ts";
import { decodeProtocol } from "../rules/protocol.ts";
import { decodePolicy } from "../world/decode-policy.ts";
import { SPEC_SCHEMAS } from "./calico-schemas.ts";
import { checkSchema, type Schema } from "./check-schema.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** What Go's decoder checks of each kind, worked out once. */
const SPEC_TYPES: ReadonlyMap<string, Schema> = new Map(
  Object.entries(SPEC_SCHEMAS).map(([kind, schema]) => [kind, typesOnly(schema)]),
);

/**
 * Why no Calico component can decode the object: a value of the wrong JSON type, or a port, protocol or number that its
 * Go type cannot hold. One such object makes reading the whole kind fail.
 * Source: docs/calico.md 17.2, 0 item 11.
 */
export function decodeProblems(object: KubernetesObject): string[] {
  const problems: string[] = [];
  const labels: Readonly<Record<string, unknown>> = object.metadata.labels ?? {};
  if (Object.values(labels).some((value) => value !== null && typeof value !== "string"))
    problems.push("metadata.labels: values must be strings");
  const schema = SPEC_TYPES.get(object.kind);
  if (schema !== undefined)
    problems.push(
      ...checkSchema(schema, object.spec, "spec").map(({ field, reason }) => `${field}: ${reason}`),
    );
  const spec = object.spec ?? {};
  if (object.kind.endsWith("NetworkPolicy")) problems.push(...decodePolicy(object, "").problems);
  if (object.kind === "HostEndpoint" && Array.isArray(spec["ports"])) {
    for (const [index, entry] of spec["ports"].entries()) {
      const { port, protocol } = isJsonObject(entry) ? entry : {};
      if (typeof port === "number" && (port < 0 || port > 65_535))
        problems.push(`spec.ports[${index}].port: ${port} is no port`);
      if (decodeProtocol(protocol ?? null) === "undecodable")
        problems.push(`spec.ports[${index}].protocol: ${JSON.stringify(protocol)} is no protocol`);
    }
  }
  if (object.kind === "FelixConfiguration") {
    for (const field of Object.values(FAILSAFE_FIELDS)) {
      const parsed = parseApiFailsafes(spec[field]);
      if (parsed.kind === "decode-error") problems.push(`spec.${field}${parsed.message}`);
    }
    const ranges = spec["kubeNodePortRanges"];
    if (
      Array.isArray(ranges) &&
      (ranges as readonly JsonValue[]).some((value) => decodePort(value) === "undecodable")
    )
      problems.push("spec.kubeNodePortRanges: no port or range");
  }
  return [...new Set(problems)];
}

/** The types of a schema without its bounds: that is all that Go's decoder checks. */
function typesOnly(schema: Schema): Schema {
  switch (schema.type) {
    case "string":
      return { type: "string" };
    case "integer":
    case "number":
      return { type: schema.type };
    case "array":
      return { type: "array", items: typesOnly(schema.items) };
    case "map":
      return { type: "map", values: typesOnly(schema.values) };
    case "object":
      return {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(schema.properties).map(([key, property]) => [key, typesOnly(property)]),
        ),
      };
    default:
      return schema;
  }
}
