/**
 * One template of Calico's automatic host endpoints -> an entry of `endpoints`, or why there can be none.
 *
 * In: a template as served. Out: the entry, or a refusal that names the field. Pure. Source: docs/calico.md 16 and 0 item 8.
 * Must never happen: an entry that a settings file refuses, or one that makes more than Calico makes of the template.
 */
import { LABEL_KEY, LABEL_VALUE } from "../config/endpoint-template.ts";
import { parseCidr } from "../address/parse-address.ts";
import type { JsonObject, StringMap } from "../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, isStringMap, stringAt } from "../model/read-json.ts";
import { AUTO_HOST_ENDPOINT_SUFFIX, CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../names/names.ts";
import { checkSelector } from "../policy/selector/parse-selector.ts";
import { AUTO_FIELDS } from "./auto-fields.ts";
import type { ImportedEndpoint } from "./imported-settings.ts";

export type ImportedTemplate =
  | { readonly kind: "entry"; readonly endpoint: ImportedEndpoint }
  /** Calico makes nothing of it. */
  | { readonly kind: "nothing"; readonly because: string }
  | {
      readonly kind: "refused";
      /** The field, and what is wrong with it. */
      readonly problem: string;
      /** Calico gives up on the node there: of the templates after it nothing is made either. */
      readonly stops: boolean;
    };

const FIELDS = [
  "generateName",
  "interfaceCIDRs",
  "interfacePattern",
  "labels",
  "annotations",
  "nodeSelector",
];

export function importTemplate(template: unknown): ImportedTemplate {
  if (!isJsonObject(template)) return refuse("it is no object");
  const problem = problemOf(template);
  if (problem !== undefined) return problem;
  const generateName = stringAt(template, "generateName") ?? "";
  const cidrs = arrayAt(template, "interfaceCIDRs");
  const pattern = stringAt(template, "interfacePattern") ?? "";
  if (pattern === "" && cidrs.length === 0)
    return {
      kind: "nothing",
      because: "it names neither interfaceCIDRs nor an interfacePattern, and Calico makes no endpoint of it",
    };
  const nodes = stringAt(template, "nodeSelector") ?? "";
  const { kept, dropped } = carriedLabels(template);
  const annotations = template["annotations"];
  const middle = [generateName, ...(pattern === "" ? [] : ["{interface}"])].filter((it) => it !== "");
  return {
    kind: "entry",
    endpoint: {
      entry: {
        name: `${["{node}", ...middle].join("-")}${AUTO_HOST_ENDPOINT_SUFFIX}`,
        ...(nodes.trim() === "" ? {} : { nodes }),
        ...(pattern === "" ? { interface: "" } : { interfacePattern: pattern }),
        ...AUTO_FIELDS.sources,
        ...(cidrs.length === 0 ? {} : { cidrs }),
        ...AUTO_FIELDS.profiles,
        labels: { ...AUTO_FIELDS.labels, ...(Object.keys(kept).length === 0 ? {} : { set: kept }) },
        ...(isJsonObject(annotations) && Object.keys(annotations).length > 0 ? { annotations } : {}),
      },
      comments: [
        pattern === ""
          ? `Calico's template "${generateName}": by address, inside its interfaceCIDRs.`
          : `Calico's template "${generateName}": one for each interface that its interfacePattern matches.`,
        ...dropped.map((it) => `Its label ${it} is left out: it would say that the endpoint is another's.`),
      ],
    },
  };
}

function problemOf(template: JsonObject): ImportedTemplate | undefined {
  const unknown = Object.keys(template).find((it) => !FIELDS.includes(it));
  if (unknown !== undefined)
    return refuse(`field ${unknown} is not known here, and may narrow what Calico makes`);
  return (
    nameProblem(template) ??
    cidrProblem(template) ??
    patternProblem(template) ??
    selectorProblem(template) ??
    mapProblem(template, "labels") ??
    mapProblem(template, "annotations")
  );
}

function nameProblem(template: JsonObject): ImportedTemplate | undefined {
  const { generateName: name, interfacePattern: pattern } = template;
  if (name !== undefined && typeof name !== "string") return refuse("generateName is no text");
  if ((name ?? "") === "")
    return typeof pattern === "string" && pattern !== ""
      ? refuse(
          "it has an interfacePattern and no generateName, so that Calico can name no endpoint of it",
          "stops",
        )
      : undefined;
  return /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name ?? "") && !/\.[.-]|-\./.test(name ?? "")
    ? undefined
    : refuse(
        `generateName ${JSON.stringify(name)} makes no name of an object; Calico makes no endpoint of it`,
      );
}

function cidrProblem(template: JsonObject): ImportedTemplate | undefined {
  const { interfaceCIDRs: cidrs } = template;
  if (cidrs === undefined || cidrs === null) return undefined;
  if (!Array.isArray(cidrs)) return refuse("interfaceCIDRs is no list");
  const bad = arrayAt(template, "interfaceCIDRs").find(
    (it) => typeof it !== "string" || parseCidr(it) === undefined,
  );
  return bad === undefined
    ? undefined
    : refuse(
        `interfaceCIDRs: ${JSON.stringify(bad)} is no CIDR, at which Calico drops every address; write ${typeof bad === "string" && !bad.includes("/") ? `"${bad}${bad.includes(":") ? "/128" : "/32"}"` : "address/length"} if that is meant`,
      );
}

/** What JavaScript has and Go has not; Go's own mistakes are mistakes here, too. */
const NOT_IN_GO = /\(\?(=|!|<=|<!)|\\[1-9]|\\k</;

function patternProblem(template: JsonObject): ImportedTemplate | undefined {
  const { interfacePattern: pattern } = template;
  if (pattern === undefined || pattern === "") return undefined;
  if (typeof pattern !== "string") return refuse("interfacePattern is no text");
  const crash = "kube-controllers crashes at it as soon as a node has an interface";
  if (NOT_IN_GO.test(pattern))
    return refuse(`interfacePattern ${JSON.stringify(pattern)} is none for Go; ${crash}`, "stops");
  try {
    new RegExp(pattern, "u");
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse(
      `interfacePattern: ${why}; if Go refuses it too, ${crash}; if it is Go's own spelling, write it anew`,
      "stops",
    );
  }
}

function selectorProblem(template: JsonObject): ImportedTemplate | undefined {
  const { nodeSelector: selector } = template;
  if (selector === undefined) return undefined;
  if (typeof selector !== "string") return refuse("nodeSelector is no text", "stops");
  const problem = selector.trim() === "" ? undefined : checkSelector(selector);
  return problem === undefined
    ? undefined
    : refuse(
        `nodeSelector ${JSON.stringify(selector)} is invalid (${problem}); Calico gives up on every node at it`,
        "stops",
      );
}

function mapProblem(template: JsonObject, field: "labels" | "annotations"): ImportedTemplate | undefined {
  const map = template[field];
  if (map === undefined || map === null) return undefined;
  if (!isJsonObject(map) || !isStringMap(map)) return refuse(`${field} is no map of texts`);
  const bad = Object.entries(map).find(
    ([key, value]) => !LABEL_KEY.test(key) || (field === "labels" && !LABEL_VALUE.test(value)),
  );
  return bad === undefined
    ? undefined
    : refuse(
        `${field}: ${JSON.stringify(`${bad[0]}=${bad[1]}`.slice(0, 100))} is refused by the API, so that Calico makes no endpoint of it`,
      );
}

/** Whose an endpoint is stands in its labels; these two never come from a template. */
function carriedLabels(template: JsonObject): {
  readonly kept: StringMap;
  readonly dropped: readonly string[];
} {
  const labels = template["labels"];
  const all = isJsonObject(labels) && isStringMap(labels) ? Object.entries(labels) : [];
  const isOwner = ([key]: readonly [string, string]) =>
    key === CALICO_CREATED_BY_LABEL || key === OWNER_LABEL;
  return {
    kept: Object.fromEntries(all.filter((it) => !isOwner(it))),
    dropped: all.filter(isOwner).map(([key]) => key),
  };
}

function refuse(problem: string, what: "alone" | "stops" = "alone"): ImportedTemplate {
  return { kind: "refused", problem, stops: what === "stops" };
}
