/** Endpoints say which settings made them, and a run with others says so before everything else. */
import { describe, expect, test } from "@jest/globals";
import { fingerprintOf } from "../../../lib/config/fingerprint.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { readFingerprint } from "../../../lib/model/settings-fingerprint.ts";
import { SETTINGS_ANNOTATION } from "../../../lib/names/names.ts";
import { someSettings } from "../../builders/a-guard-request.ts";
import { aFleet, nameOf, namesOf } from "./fleet.ts";

const prod = { version: "1.0.0", file: "infra/clusters/prod.yaml" };
const other = { version: "1.0.0", file: "infra/clusters/other.yaml" };
const without = { version: "1.0.0", file: "" };
/** Names that the default settings would not use. */
const TEMPLATES = { endpoints: [{ name: "{node}-host" }] };

async function madeBy(settings: Readonly<Record<string, unknown>>, count = 30) {
  const fleet = aFleet();
  fleet.join(...namesOf(count));
  expect(await fleet.run({ settings, origin: prod })).toMatchObject({ status: "converged" });
  return fleet;
}
const signatures = (fleet: ReturnType<typeof aFleet>) =>
  fleet.cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.annotations?.[SETTINGS_ANNOTATION]);

describe("without a settings file", () => {
  test("a cluster that a file manages is refused, with the command that would be right; nothing is written", async () => {
    const fleet = await madeBy(TEMPLATES);
    const before = signatures(fleet);
    for (const mode of ["plan", "apply"] as const)
      await expect(fleet.run({ origin: without, othersSettings: "refuse", mode })).rejects.toThrow(
        /30 of 30 .*hepctl plan --config infra\/clusters\/prod\.yaml/s,
      );
    expect(signatures(fleet)).toEqual(before);
    expect(fleet.endpoints()).toHaveLength(30);
  });

  test("settings that do the same are the same, with a file or without", async () => {
    const fleet = await madeBy({
      endpoints: [{ interface: "*", name: "{node}" }],
      logLevel: "debug",
      schedule: "rate(1 hour)",
    });
    expect(await fleet.run({ origin: without, othersSettings: "refuse" })).toMatchObject({
      status: "converged",
      actions: [],
      findings: [],
    });
  });

  test("what no file made is nobody's: it goes on", async () => {
    const fleet = aFleet();
    fleet.join(...namesOf(3));
    await fleet.run({ settings: TEMPLATES, origin: without });
    expect(await fleet.run({ origin: without, othersSettings: "refuse" })).toMatchObject({
      counts: { create: 3 },
    });
  });
});

describe("with another file", () => {
  test("it is said first, with what differs in effect; the endpoints of nodes that live wait for a person", async () => {
    const fleet = await madeBy(TEMPLATES);
    const report = await fleet.run({ origin: other, mode: "plan" });
    expect(report.findings[0]).toMatchObject({
      code: "settings-changed",
      message: expect.stringMatching(
        /other\.yaml .* are not the settings that made 30 of 30 endpoints: infra\/clusters\/prod\.yaml .*30 endpoints more, 0 changed, 30 that these settings do not want/,
      ),
      fix: expect.stringContaining("hepctl plan --config infra/clusters/prod.yaml"),
    });
    expect(report.counts).toMatchObject({ create: 30, delete: 0, withheld: 30 });
  });

  test("a change that is meant is said while it has an effect, and then no more", async () => {
    const fleet = await madeBy({});
    const changed = { endpoints: [{ labels: { set: { team: "a" } } }] };
    const report = await fleet.run({ settings: changed, origin: prod });
    expect(report.findings[0]).toMatchObject({
      code: "settings-changed",
      message: expect.stringContaining("30 changed (labels)"),
    });
    expect(report).toMatchObject({ status: "converged", counts: { update: 30 } });
    expect(await fleet.run({ settings: changed, origin: prod })).toMatchObject({ findings: [], actions: [] });
    expect(new Set(signatures(fleet)).size).toBe(1);
  });

  test("what a node's own life changes is not the settings' doing", async () => {
    const fleet = await madeBy({});
    fleet.terminate([nameOf(0)]);
    fleet.join("new-0100");
    const report = await fleet.run({ origin: other });
    expect(report).toMatchObject({ findings: [], counts: { create: 1, delete: 1 } });
  });
});

test("the steady state is silent: neither comments, files, versions nor defaults that are spelled out rewrite anything", async () => {
  const fleet = await madeBy({});
  const writes = () => fleet.cluster.calls.filter((it) => it.verb !== "get" && it.verb !== "list").length;
  const before = writes();
  const spelled = { endpoints: [someSettings({}).endpoints[0]], limits: { deletes: 11 } };
  for (const origin of [{ version: "2.0.0", file: "elsewhere.yaml" }, without])
    expect(await fleet.run({ settings: spelled, origin })).toMatchObject({ findings: [], actions: [] });
  // A selector that is written otherwise and selects the same has another hash, and no effect.
  const equal = { endpoints: [{ nodes: "has(kubernetes.io/os)" }] };
  expect(await fleet.run({ settings: equal, origin: other })).toMatchObject({ findings: [], actions: [] });
  expect(writes()).toBe(before);
});

test("a signature that somebody else wrote is bounded, and never becomes part of a command", () => {
  const read = (text: string) => readFingerprint({ annotations: { [SETTINGS_ANNOTATION]: text } });
  for (const text of ["", "{", "[]", '{"hash":"no"}', '{"hash":1}', `{"hash":"${"a".repeat(3_000)}"}`])
    expect(read(text)).toBeUndefined();
  expect(read('{"hash":"0123456789abcdef","file":"x; rm -rf /","version":"\\u001b[31m"}')).toEqual({
    hash: "0123456789abcdef",
    file: "",
    version: "",
  });
});

test("the hash is of the effect: the order of entries and keys means nothing, every field of an entry does", () => {
  const hash = (value: Readonly<Record<string, unknown>>) => fingerprintOf(someSettings(value), prod).hash;
  const [a, b] = [{ name: "{node}-a" }, { name: "{node}-b", interface: "eth0" }];
  expect(hash({ endpoints: [a, b] })).toBe(hash({ endpoints: [{ interface: "eth0", name: "{node}-b" }, a] }));
  const one = hash({ endpoints: [{}] });
  const others = [
    { name: "{node}-x" },
    { nodes: "has(a)" },
    { interface: "eth0" },
    { addresses: ["InternalIP"] },
    { cidrs: ["10.0.0.0/8"] },
    { profiles: [] },
    { labels: { set: { a: "b" } } },
    { labels: { exclude: ["a"] } },
  ].map((it) => hash({ endpoints: [it] }));
  expect(new Set([one, ...others]).size).toBe(others.length + 1);
});
