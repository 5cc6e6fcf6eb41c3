import type { JsonObject } from "../../model/kubernetes-object.ts";

/** Entries as they stand in the files, by name, paths made absolute. */
export type Kubeconfig = {
  /** The files that were read, for messages. */
  readonly origin: string;
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, JsonObject>;
  readonly clusters: ReadonlyMap<string, JsonObject>;
  readonly users: ReadonlyMap<string, JsonObject>;
};
