/**
 * What the environment of an agent says of Felix: its `FELIX_…` variables are stronger than every FelixConfiguration.
 * Source: docs/calico.md 11 ("Config resolution") and 13; stock manifests set FELIX_DEFAULTENDPOINTTOHOSTACTION=ACCEPT.
 */
import type { AgentVariables } from "../../model/calico-agent.ts";
import { DECIDING_FIELDS, parameterOf, readParameter } from "./felix-parameters.ts";
import type { FelixSource } from "./felix-settings.ts";

export type FelixEnvironment = {
  /** `DaemonSet/namespace/name`; of several, each. */
  readonly object: string;
  readonly variables: AgentVariables;
};

/** Of an agent that nobody has seen. */
export const UNSEEN: FelixEnvironment = {
  object: "an agent that could not be read",
  variables: { values: {}, unreadable: [], sources: ["a DaemonSet that may not be read"] },
};

/**
 * The environment as a source of settings. A list of failsafes that cannot be read counts as empty: nobody may rely on it. Where
 * it is not known which program filters at all, and on which interfaces, nothing is known of what it does to packets.
 */
export function environmentSource({ object, variables }: FelixEnvironment): FelixSource {
  const { values, unreadable, sources } = variables;
  const given = DECIDING_FIELDS.flatMap((field) => {
    const variable = variableOf(field);
    const value = values[variable];
    if (value !== undefined) return [[field, readParameter(field, value)] as const];
    const isUnseen = unreadable.includes(variable) || sources.length > 0;
    return isUnseen && isFailsafe(field) ? [[field, "none"] as const] : [];
  });
  const basic = unreadable.filter((it) => BASIC_VARIABLES.has(it));
  return {
    object,
    name: object,
    spec: Object.fromEntries(given),
    nodeSelector: undefined,
    createdAt: "",
    ...(basic.length === 0
      ? {}
      : { unknown: `the value of ${basic.join(", ")} of ${object} is not known from here` }),
  };
}

/** Variables that decide verdicts, and whose values are not known. Sorted. */
export function unreadableSettings({ unreadable }: AgentVariables): readonly string[] {
  const deciding = new Set(DECIDING_FIELDS.map(variableOf));
  return unreadable.filter((it) => deciding.has(it));
}

/** `failsafeInboundHostPorts` -> `FELIX_FAILSAFEINBOUNDHOSTPORTS` */
export function variableOf(field: string): string {
  return `FELIX_${parameterOf(field).toUpperCase()}`;
}

/** Does Felix get its data from Typha? Undefined when the value stands elsewhere. Felix reads `none` as nothing. */
export function usesTypha({ values, unreadable, sources }: AgentVariables): boolean | undefined {
  const variables = ["FELIX_TYPHAADDR", "FELIX_TYPHAK8SSERVICENAME"];
  if (variables.some((it) => values[it] !== undefined && values[it].toLowerCase() !== "none")) return true;
  const isKnown = variables.every((it) => !unreadable.includes(it)) && sources.length === 0;
  return isKnown ? false : undefined;
}

function isFailsafe(field: string): boolean {
  return field.startsWith("failsafe");
}

const BASIC_VARIABLES: ReadonlySet<string> = new Set(
  ["interfacePrefix", "bpfEnabled", "nftablesMode"].map(variableOf),
);
