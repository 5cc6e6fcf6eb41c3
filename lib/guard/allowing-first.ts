import { ascending } from "../model/ascending.ts";
import type { Action } from "../model/plan.ts";
import { isAllowing, isLoosening } from "./loosening.ts";

/**
 * What allows goes first, what denies goes last: observed on a real Felix, an endpoint before its allow policy loses
 * packets, the policy first loses none (docs/calico.md 0, item 9). Deletions come after everything else: they give their
 * own node back its traffic, but take its addresses out of what others allow.
 */
export const allowingFirst = ascending<Action>(rankOf, (it) => it.name);

function rankOf(action: Action): number {
  switch (action.kind) {
    case "update":
      return isLoosening(action) ? 0 : 2;
    case "create":
      return isAllowing(action.desired.profiles) ? 1 : 3;
    case "delete":
      return 4;
  }
}
