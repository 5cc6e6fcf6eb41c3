import type { DecidedBy } from "../../../../lib/model/verdict.ts";
import type { Place } from "../../input/read-proposal.ts";

/** Where in the files the decider stands; else the first of the files. Undefined where no file was given. */
export function placeOf(decidedBy: DecidedBy, places: ReadonlyMap<string, Place>): Place | undefined {
  const { policy = "", tier = "" } = decidedBy;
  const names = [
    `GlobalNetworkPolicy/${policy}`,
    `GlobalNetworkPolicy/${policy.replace(/^default\./, "")}`,
    `StagedGlobalNetworkPolicy/${policy}`,
    `Tier/${tier}`,
  ];
  for (const name of names) {
    const place = places.get(name);
    if (place !== undefined) return place;
  }
  return [...places.values()][0];
}
