import type { FindingWord } from "./word.ts";

/** What `doctor` says of what is deployed in AWS. */
export const INSTALLATION_FINDINGS = {
  "not-deployed": {
    severity: { info: "always" },
    meaning: "There is no function of this installation in this account and region.",
    fix: "`npm run deploy -- NAME`, when it is meant to be there.",
  },
  "installation-released": {
    severity: { warning: "always" },
    meaning: "Somebody used the break-glass: nothing is reconciled until it is armed again.",
    fix: "The `hepctl invoke rearm` command of the finding.",
  },
  "installation-unread": {
    severity: { warning: "always" },
    meaning: "AWS did not answer for a part of the installation.",
    fix: "The message says why; try again.",
  },
  "aws-permission-missing": {
    severity: { info: "always" },
    meaning: "The person's credentials may not read a part of the installation, so it was not looked at.",
    fix: "Allow the action that the message names to whoever runs `doctor`; the function does not need it.",
  },
  "authentication-mode": {
    severity: { error: "always" },
    meaning: "The cluster's authentication mode is CONFIG_MAP: access entries do not count.",
    fix: "Set the mode API_AND_CONFIG_MAP with the command of the finding.",
  },
  "access-entry-missing": {
    severity: { error: "always" },
    meaning: "The function's role has no access entry in the cluster, so it gets 401.",
    fix: "The `aws eks create-access-entry` command of the finding.",
  },
  "access-entry-group-missing": {
    severity: { error: "always" },
    meaning:
      "The access entry does not give the group that our ClusterRole is bound to, so the function gets 403.",
    fix: "The `aws eks update-access-entry` command of the finding.",
  },
  "access-entry-username": {
    severity: { warning: "always" },
    meaning: "The access entry gives another user name, so audit logs do not name us as expected.",
    fix: "The `aws eks update-access-entry` command of the finding.",
  },
  "event-source-missing": {
    severity: { error: "always" },
    meaning: "No queue wakes the function: new nodes wait for the next resync, hooks for their timeout.",
    fix: "`npm run deploy -- NAME`",
  },
  "event-source-disabled": {
    severity: { error: "always" },
    meaning: "The mapping from the queue to the function is turned off.",
    fix: "The `aws lambda update-event-source-mapping` command of the finding.",
  },
  "event-queue-missing": {
    severity: { error: "always" },
    meaning: "The queue that the function reads is gone: no event arrives.",
    fix: "`npm run deploy -- NAME`",
  },
  "event-rule-missing": {
    severity: { error: "always" },
    meaning: "No EventBridge rule sends some events to the queue.",
    fix: "`npm run deploy -- NAME`",
  },
  "event-rule-disabled": {
    severity: { error: "always" },
    meaning: "An EventBridge rule is turned off.",
    fix: "The `aws events enable-rule` command of the finding.",
  },
  "event-rule-outdated": {
    severity: { error: "always" },
    meaning: "The settings name Auto Scaling groups that the rule does not let through.",
    fix: "`npm run deploy -- NAME`",
  },
  "dead-letter-queue-missing": {
    severity: { error: "always" },
    meaning: "The queue has no dead-letter queue: what nobody can digest is lost after a day.",
    fix: "`npm run deploy -- NAME`",
  },
  "dead-letters-waiting": {
    severity: { warning: "always" },
    meaning: "Events could not be processed and are kept as evidence.",
    fix: "`infra/RUNBOOK.md`, “Events dead-lettered”.",
  },
  "auto-scaling-group-missing": {
    severity: { error: "always" },
    meaning: "The settings name an Auto Scaling group that does not exist here.",
    fix: "Correct `autoScalingGroups`, then `npm run deploy -- NAME`.",
  },
  "lifecycle-hook-missing": {
    severity: { error: "always" },
    meaning: "A group lacks one of our lifecycle hooks: its machines do not wait for us.",
    fix: "`npm run deploy -- NAME`, or the `aws autoscaling put-lifecycle-hook` command of the finding.",
  },
  "lifecycle-hook-differs": {
    severity: { warning: "always" },
    meaning: "A lifecycle hook of ours is not as the settings say.",
    fix: "`npm run deploy -- NAME`, or the `aws autoscaling put-lifecycle-hook` command of the finding.",
  },
} as const satisfies { readonly [code: string]: FindingWord };
