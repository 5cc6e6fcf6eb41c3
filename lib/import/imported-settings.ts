import type { JsonObject } from "../model/kubernetes-object.ts";

/** Settings that give the nodes what the source gives them; never more nodes, interfaces or openings than it. */
export type ImportedSettings = {
  /** Keys of a settings file beside `endpoints`. */
  readonly settings: JsonObject;
  readonly endpoints: readonly ImportedEndpoint[];
  /** On the whole: comments above it. */
  readonly notes: readonly string[];
  /** What the source asks for and these settings do not say, field by field, with the reason. */
  readonly problems: readonly string[];
};
export type ImportedEndpoint = {
  /** As in a settings file; only what differs from the defaults. */
  readonly entry: JsonObject;
  readonly comments: readonly string[];
};

/** An entry that selects no node. Without any entry the default one would apply, to every node and every interface. */
export const NO_ENDPOINT: ImportedEndpoint = {
  entry: { name: "{node}-auto-hep", nodes: "!all()" },
  comments: ["It selects no node: nothing is made, as there is nothing to take over."],
};
