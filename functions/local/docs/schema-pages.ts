import * as z from "zod";
import { OUTPUTS } from "./output-shapes.ts";

/** docs/schemas/NAME.schema.json: the JSON Schema of each output. Paths -> texts. */
export function schemaPages(): { readonly [path: string]: () => string } {
  return Object.fromEntries(
    Object.entries(OUTPUTS).map(([name, { shape, of }]) => [
      `docs/schemas/${name}.schema.json`,
      () => {
        const title = `hepctl ${of.join(", ")}: -o json`;
        return JSON.stringify({ title, ...z.toJSONSchema(shape, { unrepresentable: "any" }) });
      },
    ]),
  );
}
