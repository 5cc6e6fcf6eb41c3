import * as z from "zod";
import { parseAddress } from "../../../lib/address/parse-address.ts";
import { protocolNumberOf } from "../../../lib/policy/rules/protocol.ts";

/** One end of a flow. */
const end = z
  .strictObject({
    ip: z
      .string()
      .refine((it) => parseAddress(it) !== undefined, "must be an IP address")
      .describe("IPv4 or IPv6 address"),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .nullish()
      .describe("1 to 65535; as the source's, left out, it means any port that a client may choose"),
  })
  .describe("one end of the flow");

/** A line of a flows file, as docs/output.md "simulate" describes it. Unknown keys are errors. */
export const flowSchema = z
  .strictObject({
    id: z.string().min(1).nullish().describe("what the answer is called; left out: the flow's number"),
    node: z.string().min(1).describe("the node whose policing is asked about"),
    direction: z
      .enum(["ingress", "egress", "forward", "local"])
      .describe("into the node, out of it, through it, or to itself over lo"),
    interface: z
      .string()
      .nullish()
      .describe("where it arrives or leaves; left out: the node's main interface"),
    outInterface: z.string().nullish().describe("where forwarded traffic leaves"),
    protocol: z
      .union([
        z.int().min(0).max(255),
        z
          .string()
          .refine(
            (it) => protocolNumberOf(it) !== undefined,
            "must be tcp, udp, icmp, icmpv6, sctp, udplite or a number",
          ),
      ])
      .describe("tcp, udp, icmp, icmpv6, sctp, udplite, or a number from 0 to 255"),
    source: end,
    destination: end.describe("before DNAT"),
    dnat: end.nullish().describe("after DNAT"),
    icmp: z
      .strictObject({
        type: z.int().min(0).max(255),
        code: z.int().min(0).max(255).optional(),
      })
      .nullish(),
    expect: z
      .enum(["allow", "deny", "unknown"])
      .optional()
      .describe("the verdict that simulate --expect asks for"),
    comment: z.string().optional().describe("for people"),
  })
  .describe("one new connection, or its first packet, as one node sees it");
