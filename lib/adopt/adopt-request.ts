import type { Settings } from "../config/settings.ts";
import type { InstanceReader } from "../ports/aws.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";

/** Who made the endpoints, or is to have them again. */
export const OTHERS = ["auto", "operator", "manual"] as const;
export type Other = (typeof OTHERS)[number];

/** Which endpoints are meant. */
export type Choice =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "all" }
  /** A Calico selector over the labels of endpoints. */
  | { readonly kind: "selector"; readonly selector: string };

export type AdoptRequest = {
  /** Absent: whoever they belong to; then names say which are meant. */
  readonly from?: Other;
  /** The way back: ours are given to somebody else. */
  readonly to?: Other;
  /** Short for a choice of names. */
  readonly names?: readonly string[];
  readonly choice?: Choice;
  /** `plan` shows what would be written and writes nothing. */
  readonly mode: "apply" | "plan";
  /** Goes on although a flow is opened that was denied before. */
  readonly acceptLoosening?: boolean;
};

export type AdoptPorts = {
  readonly settings: Settings;
  readonly cluster: ClusterGateway;
  readonly instances?: InstanceReader;
  readonly network?: NetworkReader;
};

export function choiceOf({ choice, names = [] }: AdoptRequest): Choice {
  return choice ?? { kind: "names", names };
}
