import { Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { PolicyStatementProps, Role } from "aws-cdk-lib/aws-iam";

/** A permission whose resource AWS does not let us name. */
export type WildcardGrant = Omit<PolicyStatementProps, "resources"> & {
  /** One resource with a `*` in it. */
  readonly resource: string;
  /** Why AWS forces the `*`. */
  readonly reason: string;
};

/**
 * Grants the only kind of wildcard that this project allows: one that AWS forces, with its reason beside it.
 * The reason is what cdk-nag is told, so a wildcard that does not pass through here fails the synthesis.
 */
export function grantWildcard(role: Role, { resource, reason, ...statement }: WildcardGrant): void {
  role.addToPolicy(new PolicyStatement({ ...statement, resources: [resource] }));
  const written: unknown = Stack.of(role).resolve(resource);
  Validations.of(role).acknowledge({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${flatten(written)}]`,
    reason,
  });
}

/** The resource as cdk-nag writes it in a finding: references in angle brackets. */
function flatten(value: unknown): string {
  if (typeof value === "string") return value;
  const { "Fn::Join": join, Ref: reference } = value as {
    readonly "Fn::Join"?: readonly [string, readonly unknown[]];
    readonly Ref?: string;
  };
  return join === undefined ? `<${reference ?? ""}>` : join[1].map(flatten).join(join[0]);
}
