import { describe, expect, test } from "@jest/globals";
import { parseSettings } from "../../../lib/config/settings.ts";
import { importSettings } from "../../../lib/import/import-settings.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";

const configuration = (hostEndpoint: JsonObject | undefined) => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "KubeControllersConfiguration",
  metadata: { name: "default" },
  spec: { controllers: { node: hostEndpoint === undefined ? {} : { hostEndpoint } } },
});
const entriesOf = (hostEndpoint: JsonObject) =>
  importSettings(configuration(hostEndpoint)).endpoints.map((it) => it.entry);

describe("importSettings", () => {
  test("the default endpoint keeps its name, its interface and its profile", () => {
    expect(entriesOf({ autoCreate: "Enabled" })).toEqual([
      { name: "{node}-auto-hep", addresses: ["InternalIP"], profiles: ["projectcalico-default-allow"] },
    ]);
  });

  test.each([
    ["Disabled", 0],
    ["Enabled", 1],
    ["", 1],
    ["enabled", 0],
  ])("createDefaultHostEndpoint %j makes %i", (createDefaultHostEndpoint, count) => {
    expect(entriesOf({ createDefaultHostEndpoint })).toHaveLength(count);
  });

  test.each<[string, readonly string[]]>([
    ["^eth1$", ["eth1"]],
    ["^(eth0|eth1)$", ["eth0", "eth1"]],
    ["eth0", []],
    ["^eth.$", []],
    ["", []],
  ])("interfacePattern %j becomes entries for %j, or a note", (interfacePattern, names) => {
    const imported = importSettings(
      configuration({
        createDefaultHostEndpoint: "Disabled",
        templates: [{ generateName: "g", interfacePattern }],
      }),
    );
    expect(imported.endpoints.map((it) => it.entry["interface"])).toEqual(names);
    expect(imported.notes.join("\n").includes('template "g"')).toBe(names.length === 0);
  });

  test("a selector that Calico gives up on is left out, and said", () => {
    const { endpoints } = importSettings(
      configuration({
        createDefaultHostEndpoint: "Disabled",
        templates: [{ generateName: "g", interfaceCIDRs: ["10.0.0.0/8"], nodeSelector: "role = x" }],
      }),
    );
    expect(endpoints[0]?.entry).not.toHaveProperty("nodes");
    expect(endpoints[0]?.comments.join("\n")).toContain('nodeSelector "role = x" is invalid');
  });

  test("nothing there, and nothing said, are both answers", () => {
    for (const it of [undefined, configuration(undefined)])
      expect(importSettings(it).notes.join(" ")).toContain("autoCreate is not Enabled");
  });

  test("what comes out always validates", () => {
    const templates = [
      {
        generateName: "a",
        interfaceCIDRs: ["10.0.0.0/8", "fd00::/8"],
        nodeSelector: "has(role)",
        labels: { tier: "x" },
      },
      { generateName: "b", interfacePattern: "^(eth0|wg0)$", interfaceCIDRs: ["192.168.0.0/16"] },
    ];
    const endpoints = entriesOf({ autoCreate: "Enabled", templates });
    expect(endpoints).toHaveLength(5);
    expect(parseSettings({ endpoints }, checkSelector)).toMatchObject({ ok: true });
  });
});
