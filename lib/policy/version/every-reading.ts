import type { World } from "../world/world.ts";

/** The world in each of the ways in which the versions of Calico that may run read it, the newest first. */
export function everyReading(world: World): readonly World[] {
  return [world, ...world.otherReadings];
}
