import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { Duration } from "aws-cdk-lib";
import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import type { CfnFunction, Code } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { ClusterSettings } from "../settings.ts";
import { ClusterAccess } from "./cluster-access.ts";
import { encryptionKey } from "./encryption-key.ts";
import { grantWildcard } from "./wildcard.ts";

export type ClusterFunctionProps = {
  readonly settings: ClusterSettings;
  readonly functionName: string;
  readonly description: string;
  /** Holds `index.mjs` and, beside it, `settings.json`. */
  readonly code: Code;
  readonly memory: number;
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
  /** `stay`: the log outlives the stack, under a name of CloudFormation's, so that another deployment can make its own. */
  readonly logOnDestroy: "go" | "stay";
  readonly kubernetes: { readonly group: string; readonly username: string };
};

/** What ENIs of a function need (the list of AWSLambdaVPCAccessExecutionRole), by what EC2 lets us limit them to. */
const CREATE_NETWORK_INTERFACE = "ec2:CreateNetworkInterface";
const NETWORK_INTERFACE_ACTIONS = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:DeleteNetworkInterface",
  "ec2:UnassignPrivateIpAddresses",
];
const NETWORK_READS = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"];

/**
 * A Lambda function that talks to one EKS cluster: its role, its log group, its way in. Both functions are made of it, so
 * what they share (run time, logging, network, least privilege) is said once.
 *
 * Certificate authority and endpoint are read at run time (`eks:DescribeCluster`): EKS rotates CAs, and a baked one would
 * cut us off (docs/aws.md 1.5).
 */
export class ClusterFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ClusterFunctionProps) {
    super(scope, id);
    const { settings, functionName, kubernetes } = props;
    const stack = Stack.of(this);
    const key = encryptionKey(this, settings);

    const logGroup = new LogGroup(this, "Logs", {
      ...(props.logOnDestroy === "go" ? { logGroupName: `/aws/lambda/${functionName}` } : {}),
      retention: props.logRetention,
      removalPolicy: props.logOnDestroy === "go" ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      ...(key === undefined ? {} : { encryptionKey: key }),
    });

    // No role name: see ClusterAccess. No managed policy: AWSLambdaBasicExecutionRole writes to every log group.
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `${functionName} in cluster ${settings.cluster.name}`,
    });
    logGroup.grantWrite(this.role);
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ["eks:DescribeCluster"],
        resources: [
          stack.formatArn({ service: "eks", resource: "cluster", resourceName: settings.cluster.name }),
        ],
      }),
    );

    this.function = new LambdaFunction(this, "Function", {
      functionName,
      description: props.description,
      code: props.code,
      role: this.role,
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memory,
      timeout: props.timeout,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // The level of the settings is pino's to hold. Lambda's own filter lets everything through, because it would drop the
      // metric lines (EMF has no level, and counts as INFO) as soon as somebody asks for `warn`.
      applicationLogLevelV2: ApplicationLogLevel.TRACE,
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        SETTINGS_FILE: "/var/task/settings.json",
        NODE_OPTIONS: "--enable-source-maps",
      },
      ...(key === undefined ? {} : { environmentEncryption: key }),
    });
    // Lambda decrypts the environment as the function's role.
    key?.grantDecrypt(this.role);
    if (settings.tracing) this.#trace();
    this.#attachToVpc(settings, functionName);

    new ClusterAccess(this, "Access", {
      clusterName: settings.cluster.name,
      role: this.role,
      ...kubernetes,
    });
  }

  /** CDK's own way grants the same in a statement that nobody could explain to cdk-nag. */
  #trace(): void {
    (this.function.node.defaultChild as CfnFunction).tracingConfig = { mode: "Active" };
    grantWildcard(this.role, {
      actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
      resource: "*",
      reason: "X-Ray has no resource-level permission for what a traced function sends.",
    });
  }

  /** By ids, so that nothing is looked up. RUNBOOK.md "Private endpoint" says what the cluster's security group must let in. */
  #attachToVpc({ cluster }: ClusterSettings, functionName: string): void {
    if (cluster.vpc === undefined) return;
    (this.function.node.defaultChild as CfnFunction).vpcConfig = {
      subnetIds: [...cluster.vpc.subnets],
      securityGroupIds: [...cluster.vpc.securityGroups],
    };
    const stack = Stack.of(this);
    const arnOf = (resource: string, resourceName: string) =>
      stack.formatArn({ service: "ec2", resource, resourceName });
    this.role.addToPolicy(
      new PolicyStatement({
        actions: [CREATE_NETWORK_INTERFACE],
        resources: [
          ...cluster.vpc.subnets.map((it) => arnOf("subnet", it)),
          ...cluster.vpc.securityGroups.map((it) => arnOf("security-group", it)),
        ],
      }),
    );
    grantWildcard(this.role, {
      actions: [CREATE_NETWORK_INTERFACE, ...NETWORK_INTERFACE_ACTIONS],
      resource: arnOf("network-interface", "*"),
      reason: "Lambda makes network interfaces with the function's role; their ids do not exist beforehand.",
    });
    grantWildcard(this.role, {
      actions: NETWORK_READS,
      resource: "*",
      reason: "EC2 has no resource-level permission for Describe actions.",
    });
    // The Lambda service needs these permissions; our code does not (Lambda developer guide, "Using Lambda function ARN in conditions").
    this.role.addToPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [CREATE_NETWORK_INTERFACE, ...NETWORK_INTERFACE_ACTIONS, ...NETWORK_READS],
        resources: ["*"],
        conditions: {
          ArnEquals: {
            "lambda:SourceFunctionArn": Stack.of(this).formatArn({
              service: "lambda",
              resource: "function",
              resourceName: functionName,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
      }),
    );
  }
}
