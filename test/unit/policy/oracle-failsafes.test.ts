import { expect, test } from "@jest/globals";
import type { JsonValue, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { formatNetwork } from "../../../lib/address/parse-address.ts";
import {
  felixSourcesFor,
  parseFailsafes,
  resolveFelixSettings,
  type FelixSource,
} from "../../../lib/policy/felix/felix-settings.ts";
import {
  DEFAULT_FAILSAFES,
  parseFailsafeString,
  type Failsafe,
  type FailsafeDirection,
  type ParsedFailsafes,
} from "../../../lib/policy/felix/parse-failsafes.ts";
import {
  MASTER,
  parseCalicoVersion,
  type CalicoVersion,
} from "../../../lib/policy/version/calico-version.ts";
import { compilePolicies } from "../../../lib/policy/world/compile-policies.ts";
import { RUN_VERSIONS, describeOracle, oracleCases, printAgreement, versionedInputs } from "./oracle.ts";

type Source = "env" | "file" | "node" | "selector" | "global";
type Case = {
  readonly form: "api" | "env" | "file" | "multi";
  readonly direction: FailsafeDirection;
  readonly value: JsonValue;
  readonly sources?: Readonly<Partial<Record<Source, string>>> | null;
};
type Result = {
  readonly result: "ok" | "error" | "panic" | "decode-error";
  readonly parsed: JsonValue;
  readonly is_default: boolean;
};

const NODE = { name: "node-1", labels: new Map([["role", "node"]]) };

function parse({ form, value, direction }: Case): ParsedFailsafes {
  switch (form) {
    case "api":
    case "multi":
      return parseFailsafes(value);
    case "env":
      return parseFailsafeString(value as string);
    case "file":
      return parseFailsafeString(settingOfFile(value as string, direction));
  }
}

/** Felix's configuration file, which nobody sees from outside: names in any case, quotes stripped. */
function settingOfFile(text: string, direction: FailsafeDirection): string {
  const lines = text.split("\n").map((line) => line.split("=").map((it) => it.trim()));
  const found = lines.find(([name]) => name?.toLowerCase() === `failsafe${direction}hostports`);
  return (found?.[1] ?? "").replace(/^(["'])(.*)\1$/, "$2");
}

/** One setting from several places, as a cluster holds them; the texts of datastore objects stand in their annotations. */
function resolve({ direction, sources }: Case, version: CalicoVersion): readonly Failsafe[] | undefined {
  const parameter = direction === "inbound" ? "FailsafeInboundHostPorts" : "FailsafeOutboundHostPorts";
  const field = direction === "inbound" ? "failsafeInboundHostPorts" : "failsafeOutboundHostPorts";
  const configuration = (
    name: string,
    text: string,
    spec: KubernetesObject["spec"] = {},
  ): KubernetesObject => ({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "FelixConfiguration",
    metadata: { name, annotations: { [`config.projectcalico.org/${parameter}`]: text } },
    spec,
  });
  const { env, file, node, selector, global } = sources ?? {};
  const policies = compilePolicies(
    [
      ...(env === undefined ? [] : [agent(`FELIX_${parameter.toUpperCase()}`, env)]),
      ...(node === undefined ? [] : [configuration(`node.${NODE.name}`, node)]),
      ...(selector === undefined
        ? []
        : [configuration("scoped", selector, { nodeSelector: "role == 'node'" })]),
      ...(global === undefined ? [] : [configuration("default", global)]),
    ],
    { versions: [version] },
  );
  const onDisk: readonly FelixSource[] =
    file === undefined
      ? []
      : [{ object: "file", name: "", spec: { [field]: file }, nodeSelector: undefined, createdAt: "" }];
  const environment = policies.felixEnvironments.all;
  const { failsafes, broken } = resolveFelixSettings(
    [...environment, ...onDisk, ...felixSourcesFor(policies.felixSources, NODE)],
    policies,
  );
  if (broken !== undefined) return undefined;
  return failsafes[direction].map(({ protocol, port, network }) => ({
    protocol: protocol === 6 ? "tcp" : "udp",
    port,
    net: network === undefined ? "" : formatNetwork(network),
  }));
}

function agent(name: string, value: string): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "calico-node", namespace: "calico-system" },
    spec: { template: { spec: { containers: [{ name: "calico-node", env: [{ name, value }] }] } } },
  };
}

function agrees(input: Case, recorded: Result, version: CalicoVersion): boolean {
  if (input.form === "multi") {
    const list = resolve(input, version);
    return list === undefined
      ? recorded.result === "error" || recorded.result === "panic"
      : recorded.result === "ok" && JSON.stringify(list) === JSON.stringify(recorded.parsed);
  }
  const got = parse(input);
  if (got.kind !== "default" && got.kind !== "list") return got.kind === recorded.result;
  const list = got.kind === "list" ? got.failsafes : DEFAULT_FAILSAFES[input.direction];
  return recorded.result === "ok" && JSON.stringify(list) === JSON.stringify(recorded.parsed);
}

describeOracle("failsafes.jsonl", () => {
  test("what Felix makes of a failsafe setting", () => {
    const cases = oracleCases<Case & Result & { readonly id: string }>("failsafes.jsonl");
    const wrong = cases.filter((recorded) => !agrees(recorded, recorded, MASTER));
    printAgreement("failsafes.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test.each(RUN_VERSIONS)("the same in %s", (name) => {
    const version = parseCalicoVersion(name) ?? MASTER;
    const cases = versionedInputs<Case, Result>("failsafes", name);
    const wrong = cases.filter(({ input, result }) => !agrees(input, result, version));
    printAgreement(`failsafes.jsonl at ${name}`, cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id, note }) => `${id} ${note}`)).toEqual([]);
  });
});
