import { describe, expect, test } from "@jest/globals";
import { whoseInstance, type OwnershipEvidence } from "../../../lib/lifecycle/whose-instance.ts";
import { anInstance } from "../../builders/an-instance.ts";

const nothing: OwnershipEvidence = { cluster: "prod", autoScalingGroups: ["workers"], isSeen: false };

describe("only evidence makes a machine ours", () => {
  test.each([
    ["our tag", ["prod"], {}, "ours"],
    ["our tag beside another's (a shared machine)", ["prod", "staging"], {}, "ours"],
    ["no tag, no evidence", [], {}, "not-ours"],
    ["a group that the settings do not name", [], { group: "others" }, "not-ours"],
    ["the event names a group of ours", [], { group: "workers" }, "ours"],
    ["a Node was seen", [], { isSeen: true }, "ours"],
    ["it is in the cluster's security group", [], { securityGroup: "sg-0a" }, "ours"],
    ["it is in another security group", [], { securityGroup: "sg-0b" }, "not-ours"],
    ["another's tag", ["staging"], {}, "other-cluster"],
    [
      "another's tag, whatever else speaks for us",
      ["staging"],
      { group: "workers", isSeen: true, securityGroup: "sg-0a" },
      "other-cluster",
    ],
  ] as const)("%s", (_name, clusters, evidence, owner) => {
    const instance = anInstance({ clusters: [...clusters], securityGroups: ["sg-0a"] });
    expect(whoseInstance(instance, { ...nothing, ...evidence })).toBe(owner);
  });

  test("EC2 says its group is ours", () => {
    expect(whoseInstance(anInstance({ clusters: [], autoScalingGroup: "workers" }), nothing)).toBe("ours");
  });

  test("a machine that EC2 does not describe is ours only when it was seen", () => {
    expect(whoseInstance(undefined, nothing)).toBe("unknown");
    expect(whoseInstance(undefined, { ...nothing, group: "workers" })).toBe("unknown");
    expect(whoseInstance(undefined, { ...nothing, isSeen: true })).toBe("ours");
  });
});
