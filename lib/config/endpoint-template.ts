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

/** One HostEndpoint that a node gets when `nodes` selects it; with `interfacePattern` one for each interface that matches. */
export const endpointTemplate = z
  .strictObject({
    name: z
      .string()
      .regex(/\{node\}/, "must contain {node}, or every node would share one name")
      .default("{node}"),
    nodes: z.string().max(1024).default("all()"),
    interface: z
      .string()
      .regex(/^(\*|[a-zA-Z0-9_.-]{0,15})$/, '"*", "" or an interface name of at most 15 characters')
      .default("*"),
    interfacePattern: regularExpression.min(1).max(253).optional(),
    addresses: z.array(z.enum(ADDRESS_SOURCES)).min(1).default(["InternalIP", "ExternalIP"]),
    cidrs: z.array(cidr).default([]),
    profiles: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9]([-a-z0-9.]{0,126}[a-z0-9])?$/, "a profile name: lower-case DNS subdomain"),
      )
      .default([ALLOW_PROFILE]),
    labels: z
      .strictObject({
        from: z
          .array(z.enum(["Node", "Calico"]))
          .min(1)
          .default(["Node"]),
        include: z.array(regularExpression).default([".*"]),
        exclude: z.array(regularExpression).default([]),
        set: z
          .record(
            z.string().regex(LABEL_KEY, "not a label key"),
            z.string().regex(LABEL_VALUE, "not a label value"),
          )
          .default({}),
      })
      .prefault({}),
    annotations: z
      .record(z.string().regex(LABEL_KEY, "not an annotation key"), z.string().max(4096))
      .default({}),
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
