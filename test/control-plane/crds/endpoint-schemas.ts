import { between, listOf, numberOrText, object, rule, setOf, text, textUpTo } from "./schema-parts.ts";

export const hostEndpointSpec = object(
  {
    node: textUpTo(253),
    interfaceName: textUpTo(15),
    expectedIPs: setOf(text),
    profiles: setOf(text),
    ports: listOf(
      object(
        { name: text, port: between(1, 65_535), protocol: numberOrText },
        { required: ["name", "port", "protocol"] },
      ),
    ),
  },
  {
    "x-kubernetes-validations": [
      rule(
        "(has(self.interfaceName) && size(self.interfaceName) > 0) || " +
          "(has(self.expectedIPs) && size(self.expectedIPs) > 0)",
        "an endpoint needs interfaceName or expectedIPs",
      ),
      rule("has(self.node) && size(self.node) > 0", "an endpoint needs a node"),
    ],
  },
);

export const networkSetSpec = object({ nets: setOf(text) });
