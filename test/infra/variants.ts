import { EVERYTHING } from "./a-stack.ts";

const at = (region: string) => ({ name: "prod", region, account: "111122223333" });

/** Settings that make different templates: every partition, every kind of group, another id. */
export const VARIANTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  defaults: {},
  everything: EVERYTHING,
  observe: { ...EVERYTHING, stage: "observe" },
  "managed-node-groups": { lifecycle: { managedNodeGroups: true } },
  "several-groups": { autoScalingGroups: ["blue", "green", "a group with blanks"], schedule: "rate(1 hour)" },
  "another-id": { id: "second", alarms: { topicArn: "arn:aws:sns:eu-west-1:111122223333:alarms" } },
  china: { ...EVERYTHING, cluster: { ...EVERYTHING.cluster, ...at("cn-north-1") } },
  "us-gov": { ...EVERYTHING, cluster: { ...EVERYTHING.cluster, ...at("us-gov-west-1") } },
};
