/**
 * The synthesized template as LocalStack can deploy it: without what needs Docker or a downloaded Lambda run time.
 *
 * In: a template. Out: the same without Lambda's resources, with what they would be called put in the place of references to
 * them, and the list of what was taken out. Nothing else is changed: what is deployed is what `cdk deploy` would deploy.
 */
export type Template = {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Rules?: unknown;
};

export type TemplateResource = {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
};

export type LocalTemplate = {
  readonly template: Template;
  /** Logical ids, sorted. */
  readonly takenOut: readonly string[];
};

/** docs/aws.md 9: `AWS::Lambda::Function` fails (its run time is a download) and takes the others with it. */
const LAMBDA_TYPES = [
  "AWS::Lambda::Function",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
];

export function forLocalStack(template: Template, account: string, region: string): LocalTemplate {
  const isTakenOut = ({ Type }: TemplateResource) => LAMBDA_TYPES.includes(Type);
  const takenOut = Object.entries(template.Resources).filter(([, resource]) => isTakenOut(resource));
  const names = new Map(
    takenOut.map(([logicalId, { Properties }]) => [
      logicalId,
      typeof Properties?.["FunctionName"] === "string" ? Properties["FunctionName"] : logicalId,
    ]),
  );
  const kept = Object.entries(template.Resources).filter(([, resource]) => !isTakenOut(resource));
  // The bootstrap version is checked against a parameter of an account that `cdk bootstrap` has prepared.
  const { Rules: _rules, Parameters: _parameters, ...rest } = template;
  const local = { ...rest, Resources: Object.fromEntries(kept) };
  return {
    template: withoutReferences(local, names, account, region) as Template,
    takenOut: takenOut.map(([logicalId]) => logicalId).sort(),
  };
}

/** Puts names and ARNs where the template refers to a resource that is not there; drops dependencies on it. */
function withoutReferences(
  value: unknown,
  names: ReadonlyMap<string, string>,
  account: string,
  region: string,
): unknown {
  if (Array.isArray(value)) return value.map((it) => withoutReferences(it, names, account, region));
  if (typeof value !== "object" || value === null) return value;
  const { Ref: reference, "Fn::GetAtt": attribute } = value as {
    readonly Ref?: string;
    readonly "Fn::GetAtt"?: readonly [string, string];
  };
  const referred = names.get(reference ?? "");
  if (referred !== undefined) return referred;
  const owner = names.get(attribute?.[0] ?? "");
  if (owner !== undefined) return `arn:aws:lambda:${region}:${account}:function:${owner}`;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "DependsOn"
        ? [inner].flat().filter((it) => !names.has(String(it)))
        : withoutReferences(inner, names, account, region),
    ]),
  );
}
