/** Why a record wakes nothing: acknowledged, counted by reason, never an error. */
export const IGNORED_REASONS = {
  "unknown-source": "The event is of a source that we have no row for.",
  "unknown-detail-type": "The source is known, this kind of event is not.",
  "test-notification": "Auto Scaling tries whether its notification arrives.",
  "subscription-notice": "SNS tells that a subscription was made or ended.",
  "alarm-notice": "CloudWatch tells of an alarm.",
  "instance-state-of-no-interest": "The instance's new state changes nothing for us.",
  "no-instance-named": "AWS Health names no instance.",
  "other-cluster": "The instance belongs to another cluster.",
  "unknown-instance": "EC2 does not know the instance.",
} as const;
export type IgnoredReason = keyof typeof IGNORED_REASONS;
