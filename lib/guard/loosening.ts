import type { UpdateAction } from "../model/plan.ts";
import { ALLOW_PROFILE } from "../names/names.ts";

/** Fields that decide nothing about traffic. */
const HARMLESS = /^metadata\.annotations/;

/** True when what no policy decides is allowed: the allow profile is asked before any other. */
export function isAllowing(profiles: readonly string[]): boolean {
  return profiles[0] === ALLOW_PROFILE;
}

/** True for an update that can only let more through: nothing but the allow profile comes, and nothing else changes. */
export function isLoosening({ changes, desired }: UpdateAction): boolean {
  return changes.every(
    ({ path }) => HARMLESS.test(path) || (path === "spec.profiles" && isAllowing(desired.profiles)),
  );
}
