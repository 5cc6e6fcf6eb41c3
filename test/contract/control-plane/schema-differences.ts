import { isDeepStrictEqual } from "node:util";
import type {
  CustomResourceDefinition,
  Schema,
  ValidationRule,
} from "../../control-plane/crds/custom-resource-definition.ts";

/** A schema as Calico's generator may write it: two enums that both must hold. */
type GeneratedSchema = Schema & { readonly allOf?: readonly Schema[] };

/** What is compared as it stands; properties, items, rules and enums have their own ways. */
const sameKeywords = [
  "type",
  "format",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "default",
  "nullable",
  "required",
  "anyOf",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
] as const;

/**
 * Everything in which a definition of ours departs from Calico's: names, scope, subresources, and for each field that ours
 * has every keyword and CEL rule (messages are our own words). Fields that only Calico's has are no difference where ours
 * keeps unknown fields; elsewhere they are, because the server would silently drop them.
 */
export function differences(
  own: CustomResourceDefinition,
  real: CustomResourceDefinition,
): readonly string[] {
  const found: string[] = [];
  const compare = (path: string, ours: unknown, theirs: unknown): void => {
    if (!isDeepStrictEqual(ours, theirs))
      found.push(`${path}: ${JSON.stringify(ours)} is ${JSON.stringify(theirs)}`);
  };
  compare("group", own.spec.group, real.spec.group);
  compare("scope", own.spec.scope, real.spec.scope);
  compare("names", sorted(own.spec.names), sorted(real.spec.names));
  for (const version of own.spec.versions) {
    const theirs = real.spec.versions.find(({ name }) => name === version.name);
    if (theirs === undefined) {
      found.push(`version ${version.name}: Calico has none`);
      continue;
    }
    compare("served", version.served, theirs.served);
    compare("storage", version.storage, theirs.storage);
    // Calico writes `subresources: {}` where it has none.
    compare("subresources", version.subresources ?? {}, theirs.subresources ?? {});
    compare("selectableFields", version.selectableFields, theirs.selectableFields);
    found.push(...schemaDifferences("", version.schema.openAPIV3Schema, theirs.schema.openAPIV3Schema));
  }
  return found;
}

function schemaDifferences(path: string, own: GeneratedSchema, real: GeneratedSchema): readonly string[] {
  const found: string[] = [];
  for (const keyword of sameKeywords) {
    const ours = keyword === "required" ? [...(own.required ?? [])].sort() : own[keyword];
    const theirs = keyword === "required" ? [...(real.required ?? [])].sort() : real[keyword];
    if (!isDeepStrictEqual(ours, theirs)) {
      found.push(`${path} ${keyword}: ${JSON.stringify(ours)} is ${JSON.stringify(theirs)}`);
    }
  }
  if (!isDeepStrictEqual(allowedValues(own), allowedValues(real))) {
    found.push(`${path} enum: ${allowedValues(own)?.join()} is ${allowedValues(real)?.join()}`);
  }
  found.push(...ruleDifferences(path, own, real));
  found.push(...nested(`${path}[]`, own.items, real.items));
  found.push(...nested(`${path}{}`, own.additionalProperties, real.additionalProperties));
  for (const [name, schema] of Object.entries(own.properties ?? {})) {
    found.push(...nested(`${path}.${name}`, schema, real.properties?.[name]));
  }
  if (own["x-kubernetes-preserve-unknown-fields"] === true) return found;
  const missing = Object.keys(real.properties ?? {}).filter((name) => own.properties?.[name] === undefined);
  return [
    ...found,
    ...missing.filter((name) => !isOfEveryObject(path, name)).map((name) => `${path}.${name} is missing`),
  ];
}

function nested(path: string, own: Schema | undefined, real: Schema | undefined): readonly string[] {
  if (own === undefined && real === undefined) return [];
  if (own === undefined) return [`${path} is missing`];
  return real === undefined ? [`${path} is not Calico's`] : schemaDifferences(path, own, real);
}

/** The server treats these as it does for every object, whether the schema names them or not. */
function isOfEveryObject(path: string, name: string): boolean {
  return path === "" && ["apiVersion", "kind", "metadata"].includes(name);
}

/** The values that pass every enum of the schema; undefined when all do. */
function allowedValues(schema: GeneratedSchema): readonly (string | number)[] | undefined {
  const enums = [schema.enum, ...(schema.allOf ?? []).map((part) => part.enum)].filter(
    (values) => values !== undefined,
  );
  const [first, ...rest] = enums;
  return first?.filter((value) => rest.every((values) => values.includes(value))).toSorted();
}

/** In a schema that keeps unknown fields, a rule of Calico's that only speaks of fields we do not define may be absent. */
function ruleDifferences(path: string, own: Schema, real: Schema): readonly string[] {
  const ours = ruleTexts(own);
  const theirs = ruleTexts(real);
  const applies = (text: string): boolean =>
    own["x-kubernetes-preserve-unknown-fields"] !== true ||
    [...text.matchAll(/self\.(\w+)/g)].some(([, field = ""]) => own.properties?.[field] !== undefined);
  return [
    ...ours.filter((text) => !theirs.includes(text)).map((text) => `${path} rule is not Calico's: ${text}`),
    ...theirs
      .filter((text) => !ours.includes(text) && applies(text))
      .map((text) => `${path} rule is missing: ${text}`),
  ];
}

function ruleTexts(schema: Schema): readonly string[] {
  const texts = (schema["x-kubernetes-validations"] ?? []).map(
    ({ rule, reason, fieldPath }: ValidationRule) =>
      `${rule.replaceAll(/\s+/g, " ").trim()} [${reason}] ${fieldPath ?? ""}`,
  );
  return texts.sort();
}

function sorted(names: CustomResourceDefinition["spec"]["names"]): object {
  return { ...names, shortNames: [...(names.shortNames ?? [])].sort() };
}
