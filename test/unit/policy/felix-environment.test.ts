/** The environment of calico-node, in the words of its DaemonSet. Source: docs/calico.md 11, 13 and 0 item 4. */
import { describe, expect, test } from "@jest/globals";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { calicoFacts } from "../../../lib/policy/agent/calico-facts.ts";
import { mergeAgents } from "../../../lib/policy/agent/environment-for.ts";
import { environmentSource, unreadableSettings } from "../../../lib/policy/felix/felix-environment.ts";
import { resolveFelixSettings } from "../../../lib/policy/felix/felix-settings.ts";
import { aCalicoNode } from "../../builders/a-guard-request.ts";

const elsewhere = { configMapKeyRef: { name: "c", key: "k" } };

function environmentIn(...daemonSets: readonly KubernetesObject[]) {
  return mergeAgents(calicoFacts({ daemonSets }).agents);
}

function settingsWith(...env: JsonObject[]) {
  return resolveFelixSettings([environmentSource(environmentIn(aCalicoNode(env)))]);
}

test("a DaemonSet without a container calico-node is no agent, whatever its name", () => {
  const other = aCalicoNode();
  const spec = {
    template: { spec: { containers: [{ name: "node" }], initContainers: [{ name: "calico-node" }] } },
  };
  expect(calicoFacts({ daemonSets: [{ ...other, spec }] }).agents).toEqual([]);
});

test("names in any case; an empty value says nothing; other programs' variables are not Felix's", () => {
  const environment = environmentIn(
    aCalicoNode([
      { name: "FELIX_BpfEnabled", value: "true" },
      { name: "FELIX_IPV6SUPPORT" },
      { name: "CALICO_DISABLE_FILE_LOGGING", value: "true" },
      { name: "FELIX_TYPHACAFILE", valueFrom: elsewhere },
      { value: "nameless" },
    ]),
  );
  expect(environment).toEqual({
    object: "DaemonSet/calico-system/calico-node",
    variables: { values: { FELIX_BPFENABLED: "true" }, unreadable: ["FELIX_TYPHACAFILE"], sources: [] },
  });
});

test("two DaemonSets that differ leave the value open", () => {
  const both = ["kube-system", "calico-system"].map((namespace, index) =>
    aCalicoNode(
      [
        { name: "FELIX_DEFAULTENDPOINTTOHOSTACTION", value: "ACCEPT" },
        { name: "FELIX_VXLANPORT", value: `${4789 + index}` },
      ],
      namespace,
    ),
  );
  const { variables } = environmentIn(...both);
  expect(variables.values).toEqual({ FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT" });
  expect(unreadableSettings(variables)).toEqual(["FELIX_VXLANPORT"]);
});

describe("values become settings", () => {
  test.each(["true", "TRUE", "1", "yes", "y", "t"])("%s is yes", (value) => {
    expect(settingsWith({ name: "FELIX_BPFENABLED", value }).dataplane).toBe("bpf");
  });

  test.each(["false", "0", "no", "off", "2"])("%s is no", (value) => {
    expect(settingsWith({ name: "FELIX_BPFENABLED", value }).dataplane).toBe("iptables");
  });

  test("stock manifests accept traffic of pods to their host", () => {
    expect(settingsWith({ name: "FELIX_DEFAULTENDPOINTTOHOSTACTION", value: "ACCEPT" }).endpointToHost).toBe(
      "accept",
    );
    expect(settingsWith().endpointToHost).toBe("drop");
  });

  test.each([
    ["a port alone", "22", ["tcp:22"]],
    ["none", "none", []],
    ["blanks and a comma", " , ", []],
  ])("a list of failsafes: %s", (_what, value, expected) => {
    const { failsafes } = settingsWith({ name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", value });
    expect(failsafes.inbound.map((it) => it.text)).toEqual(expected);
    expect(failsafes.outbound.length).toBeGreaterThan(5);
  });

  test("a list that stands elsewhere counts as none", () => {
    const { failsafes } = settingsWith({ name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", valueFrom: elsewhere });
    expect(failsafes.inbound).toEqual([]);
  });
});
