import type { Rule } from "../rule.ts";

/**
 * Rules with selectors see only `expectedIPs`: an endpoint without any is a member of no address set (docs/calico.md 7). One for an
 * interface that has no address of its own lacks none.
 */
export const missingAddressesRule: Rule = () => ({
  judge: (action) =>
    action.kind !== "delete" &&
    action.desired.expectedIPs.length === 0 &&
    ["", "*"].includes(action.desired.interfaceName)
      ? {
          reason: "no-addresses",
          detail: `HostEndpoint/${action.name} would have no expectedIPs`,
          fix: "check the Node's addresses and the `addresses` and `cidrs` of the entry of `endpoints`",
        }
      : undefined,
  findings: [],
});
