/**
 * One entry of `endpoints`: which nodes get a HostEndpoint of it, and what that looks like.
 *
 * In: one entry of the settings file. Out: the entry with its defaults, or what is wrong with it.
 * Must never happen: two interfaces of a node that would share a name.
 */
import * as z from "zod";
import { ALLOW_PROFILE } from "../names/names.ts";

const regularExpression = z.string().check((context) => {
  try {
    new RegExp(context.value, "u");
  } catch (error) {
    context.issues.push({
      code: "custom",
      input: context.value,
      message: `not a regular expression: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
});

export const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: "an IPv4 or IPv6 CIDR such as 10.0.0.0/8" });

/** What Kubernetes takes as the key and the value of a label; keys of annotations follow the same rule. */
export const LABEL_KEY =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
export const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Where addresses come from. Of the Node's status: `InternalIP`, `ExternalIP`. Of the annotations that calico-node writes on its
 * Node: `Bgp` (its BGP addresses), `Tunnel` (IP-in-IP, VXLAN, WireGuard), `Interfaces` (those of every interface, since Calico 3.31).
 */
export const ADDRESS_SOURCES = ["InternalIP", "ExternalIP", "Bgp", "Tunnel", "Interfaces"] as const;
export type AddressSource = (typeof ADDRESS_SOURCES)[number];

/** Descriptions are what editors, example.yaml and docs say. One HostEndpoint that a node gets when `nodes` selects it; with `interfacePattern` one for each interface that matches. */
export const endpointTemplate = z
  .strictObject({
    name: z
      .string()
      .regex(/\{node\}/, "must contain {node}, or every node would share one name")
      .default("{node}")
      .describe(
        "Name of the HostEndpoint; {node} stands for the node's name, {interface} for the interface's.",
      ),
    nodes: z
      .string()
      .max(1024)
      .default("all()")
      .describe("Nodes that get it: a Calico selector over Node labels."),
    interface: z
      .string()
      .regex(/^(\*|[a-zA-Z0-9_.-]{0,15})$/, '"*", "" or an interface name of at most 15 characters')
      .default("*")
      .describe(
        '"*" for every interface of the node, an interface name, or "" for the one that has the addresses.',
      ),
    interfacePattern: regularExpression
      .min(1)
      .max(253)
      .optional()
      .describe(
        "Instead of interface: one endpoint for each interface whose name matches (Calico 3.31 or later names them).",
      ),
    addresses: z
      .array(z.enum(ADDRESS_SOURCES))
      .min(1)
      .default(["InternalIP", "ExternalIP"])
      .describe(
        "Which of the node's addresses become expectedIPs; Bgp, Tunnel and Interfaces are what calico-node writes on its Node.",
      ),
    cidrs: z.array(cidr).default([]).describe("Keep only addresses inside these; none: keep all."),
    profiles: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9]([-a-z0-9.]{0,126}[a-z0-9])?$/, "a profile name: lower-case DNS subdomain"),
      )
      .default([ALLOW_PROFILE])
      .describe(
        "Profiles for traffic that no policy decides. Without any, an endpoint that no policy selects denies everything.",
      ),
    labels: z
      .strictObject({
        from: z
          .array(z.enum(["Node", "Calico"]))
          .min(1)
          .optional()
          .describe(
            "Whose labels are copied: the Node's own, as Kubernetes has them, or those that Calico keeps of it. Absent: the Node's.",
          ),
        include: z
          .array(regularExpression)
          .default([".*"])
          .describe("Labels that are copied: regular expressions over their keys."),
        exclude: z
          .array(regularExpression)
          .default([])
          .describe("Labels that are not copied, although `include` matches them."),
        set: z
          .record(
            z.string().regex(LABEL_KEY, "not a label key"),
            z.string().regex(LABEL_VALUE, "not a label value"),
          )
          .default({})
          .describe("Labels that every endpoint of this entry gets."),
      })
      .prefault({})
      .describe("Labels of the HostEndpoint, by which policies select it."),
    annotations: z
      .record(z.string().regex(LABEL_KEY, "not an annotation key"), z.string().max(4096))
      .default({})
      .describe("Annotations that every endpoint of this entry gets."),
  })
  .superRefine(({ name, interface: named, interfacePattern }, context) => {
    const issue = (path: string, message: string) => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    const placed = name.includes("{interface}");
    if (interfacePattern === undefined) {
      if (placed) issue("name", "{interface} needs an interfacePattern that says which interfaces");
      return;
    }
    if (!placed) issue("name", "must contain {interface}: interfacePattern makes one endpoint for each");
    if (named !== "*") issue("interface", "give interface or interfacePattern, not both");
  });

export type EndpointTemplate = z.output<typeof endpointTemplate>;
