/** What AWS says of a deployed installation: the function and all that wakes it. Read for `doctor`, never for a decision. */

/** One question to AWS, and what came of it. */
export type Reading<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "absent" }
  /** `action` is the IAM action that the asker lacks. */
  | { readonly kind: "denied"; readonly action: string }
  | { readonly kind: "failed"; readonly because: string };

export type InstallationFacts = {
  readonly cluster: string;
  readonly region: string;
  readonly functionName: string;
  readonly deployed: Deployed | undefined;
};

/** Undefined parts could not be asked for, because what names them could not be read. */
export type Deployed = {
  readonly function: Reading<{ readonly roleArn: string }>;
  /** `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`; empty when EKS does not say. */
  readonly authenticationMode: Reading<string>;
  readonly accessEntry: Reading<AccessEntryFact> | undefined;
  /** The function's mapping to its queue: that is how the queue is found, because CloudFormation names it. */
  readonly eventSource: Reading<EventSourceFact>;
  readonly queue: QueueFacts | undefined;
  readonly rules: Reading<readonly RuleFact[]> | undefined;
  /** Auto Scaling groups of the managed node groups; undefined when the settings leave these alone. */
  readonly managedGroups: Reading<readonly string[]> | undefined;
  readonly hooks: readonly GroupHooks[];
  readonly mark: Reading<"armed" | "released">;
};

export type GroupHooks = {
  readonly group: string;
  /** Who puts our hooks there: the stack on groups that the settings name, the resync on those of managed node groups. */
  readonly keeper: "stack" | "resync";
  readonly hooks: Reading<readonly HookFact[]>;
};

export type AccessEntryFact = {
  readonly username: string;
  readonly groups: readonly string[];
};

export type EventSourceFact = { readonly id: string; readonly queueArn: string; readonly state: string };

export type QueueFacts = {
  readonly arn: string;
  readonly attributes: Reading<{ readonly deadLetterArn: string | undefined }>;
  readonly deadLetters: Reading<{ readonly url: string; readonly messages: number }> | undefined;
};

/** An EventBridge rule that has the queue as its target. */
export type RuleFact = {
  readonly name: string;
  readonly enabled: boolean;
  readonly sources: readonly string[];
  readonly detailTypes: readonly string[];
  /** Exact names only; a prefix is none. */
  readonly autoScalingGroups: readonly string[];
};

export type HookFact = {
  readonly name: string;
  readonly transition: string;
  readonly heartbeatSeconds: number;
  readonly defaultResult: string;
};
