import type { z } from "zod";

/** Parses stdout as one JSON document of a published shape. */
export function parseAs<T>(shape: z.ZodType<T>, text: string): T {
  return shape.parse(JSON.parse(text));
}
