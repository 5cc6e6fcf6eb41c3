import packageJson from "../../../../package.json" with { type: "json" };
import type { Impact } from "../../../../lib/model/impact.ts";
import type { DecidedBy } from "../../../../lib/model/verdict.ts";
import type { Place } from "../../input/read-proposal.ts";
import { placeOf } from "./place-of.ts";
import { sayFlow, sayNodes, sayTraffic, sayVerdict } from "./say-traffic.ts";

const RULES = [
  ["essential-flow-cut", "An essential flow of a node would be cut"],
  ["essential-flow-may-be-cut", "An essential flow of a node might be cut"],
  ["traffic-changes", "Traffic of a node fares otherwise"],
  ["finding", "Something about the objects that a person should know"],
] as const;
type RuleId = (typeof RULES)[number][0];
type Level = "error" | "warning" | "note";

/** SARIF 2.1.0 (OASIS), as code scanning reads it. */
export function impactAsSarif(impact: Impact, places: ReadonlyMap<string, Place>): object {
  const result = (ruleId: RuleId, level: Level, text: string, place: Place | undefined) => ({
    ruleId,
    level,
    message: { text },
    ...(place === undefined ? {} : { locations: [locationOf(place)] }),
  });
  const at = (it: DecidedBy) => placeOf(it, places);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "hepctl impact",
            version: packageJson.version,
            rules: RULES.map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        results: [
          ...impact.essential
            .filter((it) => it.change !== "opened")
            .map((it) =>
              result(
                it.change === "cut" ? "essential-flow-cut" : "essential-flow-may-be-cut",
                it.change === "cut" ? "error" : "warning",
                `${it.message}. Nodes: ${sayNodes(it.nodes)}. Fix: ${it.fix}`,
                at(it.decidedBy),
              ),
            ),
          ...impact.traffic.map((it) =>
            result(
              "traffic-changes",
              "note",
              `${sayTraffic(it)}: ${sayVerdict(it.before)} -> ${sayVerdict(it.after)}, e.g. ${sayFlow(it.example)} on ${sayNodes(it.nodes)}`,
              at(it.after.decidedBy),
            ),
          ),
          ...impact.findings.map((it) =>
            result(
              "finding",
              it.severity === "info" ? "note" : it.severity,
              `${it.object}: ${it.message}${it.fix === "" ? "" : `. Fix: ${it.fix}`}`,
              places.get(it.object) ?? at({}),
            ),
          ),
        ],
      },
    ],
  };
}

function locationOf({ file, line }: Place): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: file === "-" ? "stdin" : file },
      region: { startLine: line },
    },
  };
}
