import type { DesiredHostEndpoint, HostEndpoint } from "./host-endpoint.ts";
import type { JsonValue } from "./kubernetes-object.ts";

export type FieldChange = { readonly path: string; readonly from?: JsonValue; readonly to?: JsonValue };

export type CreateAction = {
  readonly kind: "create";
  readonly name: string;
  readonly node: string;
  readonly desired: DesiredHostEndpoint;
};
export type UpdateAction = {
  readonly kind: "update";
  readonly name: string;
  readonly node: string;
  readonly desired: DesiredHostEndpoint;
  readonly observed: HostEndpoint;
  readonly changes: readonly FieldChange[];
};
export type DeleteAction = {
  readonly kind: "delete";
  readonly name: string;
  readonly node: string;
  readonly observed: HostEndpoint;
  /** `released`: somebody asked for it (break-glass, or the rollback of a canary), whether the node lives or not. */
  readonly reason: "node-gone" | "no-template" | "released";
};
export type Action = CreateAction | UpdateAction | DeleteAction;

/** What would change, sorted by HostEndpoint name. `unchanged` counts the endpoints that are as they should be. */
export type Plan = {
  readonly actions: readonly Action[];
  readonly unchanged: readonly string[];
  /** Endpoints that have a name or node of ours but belong to somebody else. Never touched. */
  readonly foreign: readonly ForeignEndpoint[];
};
export type ForeignEndpoint = {
  readonly name: string;
  readonly node: string;
  readonly owner: "calico-auto" | "other-installation" | "unknown";
  /** True when it holds a name that we would use. */
  readonly blocks: boolean;
};
