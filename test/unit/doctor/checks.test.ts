import { describe, expect, test } from "@jest/globals";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { calicoNodeCheck } from "../../../lib/doctor/checks/calico-node.ts";
import { calicoFacts } from "../../../lib/policy/agent/calico-facts.ts";
import { permissionsCheck } from "../../../lib/doctor/checks/permissions.ts";
import { examine, unreachable } from "../../../lib/doctor/diagnose.ts";
import { hopResults } from "../../../lib/doctor/diagnosis.ts";
import type { DoctorFacts } from "../../../lib/doctor/facts.ts";
import { wantedPermissions } from "../../../lib/doctor/read-facts.ts";
import { KUBERNETES_GROUP } from "../../../lib/names/names.ts";

const settings = settingsSchema.parse({});
const facts: DoctorFacts = {
  settings,
  kubernetesVersion: "v1.34.0",
  identity: { user: "somebody", groups: [KUBERNETES_GROUP] },
  permissions: [],
  calico: calicoFacts({ daemonSets: [] }, "v3.30.0"),
  plan: undefined,
  unread: [],
};
const daemonSet = (
  image: string,
  status: object = { desiredNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3 },
) => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "calico-node", namespace: "calico-system" },
  spec: {
    template: {
      spec: {
        containers: [
          { name: "sidecar", image: "x:v1.0" },
          { name: "calico-node", image },
        ],
      },
    },
  },
  status: { ...status },
});
const seen = (it: ReturnType<typeof daemonSet>, stated = "v3.30.0") =>
  calicoFacts({ daemonSets: [it] }, stated);
const codesFor = (more: Partial<DoctorFacts>) => calicoNodeCheck({ ...facts, ...more }).map((it) => it.code);

describe("calico-node", () => {
  test.each<[string, Partial<DoctorFacts>, readonly string[]]>([
    ["missing", {}, ["calico-node-missing"]],
    ["missing is not known when it could not be read", { calico: undefined }, []],
    ["new", { calico: seen(daemonSet("docker.io/calico/node:v3.30.1")) }, []],
    [
      "new, from a private registry with a port",
      { calico: seen(daemonSet("registry:5000/calico/node:v3.14.0-eks")) },
      [],
    ],
    ["too old for the profile", { calico: seen(daemonSet("calico/node:v3.13.5")) }, ["calico-node-outdated"]],
    [
      "too old, but no endpoint names the profile",
      {
        calico: seen(daemonSet("calico/node:v3.13.5")),
        settings: settingsSchema.parse({ endpoints: [{ profiles: [] }] }),
      },
      [],
    ],
    [
      "by digest: what Calico says of itself counts",
      { calico: seen(daemonSet("calico/node@sha256:3.13")) },
      [],
    ],
    [
      "by digest, and Calico says nothing",
      { calico: seen(daemonSet("calico/node@sha256:abc"), "") },
      ["calico-node-version-unknown"],
    ],
    [
      "not ready everywhere",
      {
        calico: seen(
          daemonSet("calico/node:v3.30.1", {
            desiredNumberScheduled: 3,
            numberReady: 2,
            updatedNumberScheduled: 3,
          }),
        ),
      },
      ["calico-node-not-rolled-out"],
    ],
    [
      "half updated",
      {
        calico: seen(
          daemonSet("calico/node:v3.30.1", {
            desiredNumberScheduled: 3,
            numberReady: 3,
            updatedNumberScheduled: 1,
          }),
        ),
      },
      ["calico-node-not-rolled-out"],
    ],
    [
      "scheduled nowhere",
      { calico: seen(daemonSet("calico/node:v3.30.1", {})) },
      ["calico-node-not-scheduled"],
    ],
  ])("%s", (_what, more, codes) => {
    expect(codesFor(more)).toEqual(codes);
  });
});

describe("permissions", () => {
  const missing = (verb: string) => ({
    verb,
    group: "crd.projectcalico.org",
    resource: "hostendpoints",
    name: "",
    namespace: "",
    allowed: false,
  });

  test("one finding for each resource, with every verb that is missing", () => {
    const findings = permissionsCheck({
      ...facts,
      permissions: [missing("create"), missing("delete"), { ...missing("get"), allowed: true }],
    });
    expect(findings.map((it) => it.message)).toEqual([
      'user "somebody" may not create, delete hostendpoints.crd.projectcalico.org',
    ]);
    expect(findings[0]?.fix).toBe("hepctl rbac | kubectl apply -f -");
  });

  test("who is not in the group is told so", () => {
    const [finding] = permissionsCheck({
      ...facts,
      identity: { user: "x", groups: [] },
      permissions: [missing("get")],
    });
    expect(finding?.fix).toContain(KUBERNETES_GROUP);
  });

  test("only the API group in force is asked about, and the probe only when it is on", () => {
    const groups = (it: readonly { readonly group: string }[]) =>
      [...new Set(it.map(({ group }) => group))].sort();
    expect(groups(wantedPermissions(settings, "projectcalico.org/v3"))).not.toContain(
      "crd.projectcalico.org",
    );
    expect(groups(wantedPermissions(settings, undefined))).toEqual(
      expect.arrayContaining(["crd.projectcalico.org", "projectcalico.org"]),
    );
    expect(wantedPermissions(settings, undefined).some((it) => it.resource === "nodes/proxy")).toBe(false);
  });
});

describe("the diagnosis", () => {
  test("hops before the one that failed have passed, those after were not reached", () => {
    const hops = hopResults({ hop: "tls", message: "expired" }, ["describe-cluster"]);
    expect(hops.map((it) => `${it.hop} ${it.outcome}`)).toEqual([
      "credentials passed",
      "dns passed",
      "tcp passed",
      "tls failed",
      "server not-reached",
      "authentication not-reached",
      "authorization not-reached",
    ]);
    expect(hops.find((it) => it.hop === "tls")?.detail).toBe("expired");
  });

  test("a hop that nobody looked at is not called good, wherever the way ends", () => {
    const untested = { dns: "the proxy does it", tcp: "the proxy does it", server: "asked of nobody" };
    const outcomes = (failure?: { readonly hop: "tcp" | "tls"; readonly message: string }) =>
      hopResults(failure, ["describe-cluster", "authentication", "authorization"], untested).map((it) =>
        `${it.hop} ${it.outcome} ${it.detail}`.trim(),
      );
    expect(outcomes()).toEqual([
      "credentials passed",
      "dns not-tested the proxy does it",
      "tcp not-tested the proxy does it",
      "tls passed",
      "server not-tested asked of nobody",
    ]);
    expect(outcomes({ hop: "tls", message: "expired" }).slice(1, 4)).toEqual([
      "dns not-tested the proxy does it",
      "tcp not-tested the proxy does it",
      "tls failed expired",
    ]);
    expect(outcomes({ hop: "tcp", message: "refused" })).toContain("tcp failed refused");
  });

  test("no way in is no finding but the way in", () => {
    const diagnosis = unreachable({
      server: "https://x",
      without: [],
      failure: { hop: "dns", message: "no such host" },
    });
    expect(diagnosis).toMatchObject({
      status: "unreachable",
      findings: [{ code: "dns-failed", message: "no such host" }],
    });
  });

  test("an info alone is healthy", () => {
    const healthy = examine(
      { server: "", without: [] },
      { ...facts, calico: seen(daemonSet("calico/node@sha256:abc"), "") },
    );
    expect(healthy).toMatchObject({ status: "healthy", findings: [{ severity: "info" }] });
  });
});
