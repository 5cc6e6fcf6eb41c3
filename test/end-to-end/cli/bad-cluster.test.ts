/**
 * A bad way to the cluster, or a cluster that misbehaves: each case gets one line with object, cause and fix, the right exit code, and nothing is written.
 * (Issue 3, section 6.)
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { aNodeObject, someNodeObjects } from "../../builders/a-node.ts";
import { startFaultProxy, type FaultProxy, type Misbehaviour } from "../../fakes/fault-proxy.ts";
import { createTestCertificates } from "../../fakes/test-certificates.ts";
import { describeWithControlPlane } from "../../control-plane/describe-with-control-plane.ts";
import { onlyLine, runHepctl, settingsFile } from "./run-hepctl.ts";
import { describeWithReconciler } from "./with-reconciler.ts";

describeWithReconciler("kubeconfig and API server", ({ controlPlane, hepctl, kubeconfig, hostEndpoints }) => {
  let proxy: FaultProxy;
  let throughProxy = "";

  /** A kubeconfig like the reconciler's, changed. */
  const changed = async (name: string, change: (config: KubeconfigText) => unknown): Promise<string> => {
    const config = parse(await readFile(kubeconfig(), "utf8")) as KubeconfigText;
    change(config);
    const file = join(controlPlane().folder, `${name}.yaml`);
    await writeFile(file, stringify(config));
    return file;
  };

  beforeAll(async () => {
    const { url, caFile } = controlPlane();
    proxy = await startFaultProxy({ target: url, targetCaPem: await readFile(caFile, "utf8") });
    throughProxy = await changed("through-proxy", ({ clusters }) => {
      for (const { cluster } of clusters)
        Object.assign(cluster, {
          server: proxy.url,
          "certificate-authority-data": Buffer.from(proxy.caPem).toString("base64"),
        });
    });
  });
  afterAll(() => proxy.stop());
  afterEach(() => proxy.heal());

  test.each<[string, number, RegExp, (config: KubeconfigText) => unknown]>([
    ["without a current context", 64, /context/, (it) => delete it["current-context"]],
    [
      "with a context that does not exist",
      64,
      /context.*nowhere/,
      (it) => (it["current-context"] = "nowhere"),
    ],
    [
      "with a server that is no address",
      64,
      /server address/,
      (it) => it.clusters.forEach(({ cluster }) => (cluster["server"] = "ftp://somewhere")),
    ],
    [
      "with a CA that is no certificate",
      64,
      /CA/,
      (it) => it.clusters.forEach(({ cluster }) => (cluster["certificate-authority-data"] = "eA==")),
    ],
    [
      "with a plugin that is not there",
      1,
      /no-such-plugin/,
      (it) => it.users.forEach((user) => (user.user = exec("no-such-plugin"))),
    ],
    [
      "with a plugin that fails",
      1,
      /plugin/,
      (it) => it.users.forEach((user) => (user.user = exec("false"))),
    ],
    [
      "with a client certificate that has expired",
      1,
      /certificate.*expired/,
      (it) => it.users.forEach((user) => (user.user = expiredCertificate())),
    ],
    [
      "with a token that is wrong",
      1,
      /401/,
      (it) => it.users.forEach((user) => (user.user = { token: "wrong" })),
    ],
    [
      "for a server that nobody listens at",
      1,
      /refused/,
      (it) => it.clusters.forEach(({ cluster }) => (cluster["server"] = "https://127.0.0.1:1")),
    ],
    [
      "for a host that does not exist",
      1,
      /host name|name server/,
      (it) => it.clusters.forEach(({ cluster }) => (cluster["server"] = "https://no-such-host.invalid")),
    ],
    [
      "of another cluster's CA",
      1,
      /certificate/,
      (it) => it.clusters.forEach(({ cluster }) => (cluster["server"] = proxy.url)),
    ],
  ])("a kubeconfig %s", async (what, expected, message, change) => {
    const file = await changed(what.replace(/\W+/g, "-"), change);
    const { code, stdout, stderr } = await runHepctl(["plan", "--timeout", "20s", "--kubeconfig", file]);
    expect({ code, stdout, stderr }).toEqual({
      code: expected,
      stdout: "",
      stderr: expect.stringMatching(message) as unknown,
    });
    onlyLine(stderr);
  });

  test("a kubeconfig that is not there", async () => {
    const { code, stderr } = await runHepctl(["plan", "--kubeconfig", "/no/such/kubeconfig"]);
    expect(code).toBe(64);
    expect(onlyLine(stderr)).toContain("/no/such/kubeconfig");
  });

  const anyList = { method: "GET", path: /\/(nodes|hostendpoints)/ } as const;
  test.each<[string, Misbehaviour, RegExp]>([
    ["swallows the request", { kind: "black-hole" }, /time/],
    ["answers 401", { kind: "status", status: 401 }, /401/],
    ["answers 403", { kind: "status", status: 403 }, /403.*hepctl rbac/],
    ["asks to come back in an hour", { kind: "status", status: 429, retryAfterSeconds: 3600 }, /429/],
    ["asks to slow down without end", { kind: "status", status: 429 }, /429/],
    ["answers 500", { kind: "status", status: 500 }, /500/],
    ["sends half of the JSON", { kind: "truncated-json" }, /JSON/],
    ["sends HTML", { kind: "html" }, /HTML/],
    ["cuts the connection", { kind: "reset" }, /connection/],
  ])("an API server that %s", async (_what, as, message) => {
    await controlPlane().apply(someNodeObjects(2));
    proxy.fail({ ...anyList, as });
    const { code, stdout, stderr } = await runHepctl([
      "reconcile",
      "--yes",
      "--timeout",
      "4s",
      "--kubeconfig",
      throughProxy,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(onlyLine(stderr)).toMatch(message);
    expect(stderr).toMatch(/nodes|hostendpoints/);
    expect(await hostEndpoints()).toEqual([]);
  });

  test("403 names the verb and the resource", async () => {
    await controlPlane().apply(someNodeObjects(1));
    const binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/hostendpoint-reconciler";
    const { metadata, ...rest } = await controlPlane().admin.get(binding);
    await controlPlane().admin.remove(binding);
    const { code, stderr } = await hepctl(["plan"]);
    await controlPlane().apply([{ ...rest, metadata: { name: metadata.name } }]);
    expect(code).toBe(1);
    expect(onlyLine(stderr)).toMatch(
      /may not (get|list) "\w+" in API group "crd\.projectcalico\.org" \(403\)\. Apply the ClusterRole/,
    );
  });

  test("nodes with garbage, with labels of 63 characters, with none at all: each is told by name, the others are served", async () => {
    const long = "a".repeat(63);
    await controlPlane().apply([
      aNodeObject({ name: "good", labels: { [long]: long } }),
      aNodeObject({
        name: "garbage",
        addresses: [
          { type: "InternalIP", address: "10.0.0.0/8" },
          { type: "InternalIP", address: "::1%eth0" },
        ],
      }),
      aNodeObject({ name: "nothing", addresses: [] }),
    ]);
    const { code, stdout } = await hepctl(["reconcile", "--yes"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/garbage +waiting +no-address/);
    expect(stdout).toMatch(/nothing +waiting +no-address/);
    expect((await hostEndpoints()).map((it) => it.metadata.name)).toEqual(["good"]);
  });

  test("a name that would exceed 253 characters is told, and nothing is written for that node", async () => {
    await controlPlane().apply([aNodeObject({ name: "node" })]);
    const config = await settingsFile(`endpoints: [{name: "{node}-${"x".repeat(250)}"}]\n`);
    const { stdout } = await hepctl(["reconcile", "--yes", "--config", config]);
    expect(stdout).toMatch(/node +unfit +invalid-name .*\(255 characters\).*253/);
    expect(await hostEndpoints()).toEqual([]);
  });

  test("a stack trace only when it is asked for", async () => {
    const args = ["plan", "--kubeconfig", "/no/such/kubeconfig"];
    expect((await runHepctl(args)).stderr).not.toMatch(/^\s+at /m);
    expect((await runHepctl([...args, "--log-level", "debug"])).stderr).toMatch(/^\s+at /m);
  });
});

describeWithControlPlane(
  "a cluster without Calico",
  (controlPlane) => {
    test("is told so, with what to do", async () => {
      const file = await controlPlane().writeKubeconfig();
      const { code, stdout, stderr } = await runHepctl(["plan", "--kubeconfig", file]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(onlyLine(stderr)).toMatch(/Calico is not installed, or keeps its objects in etcd/);
    });
  },
  { definitions: "none" },
);

describe("something that is no API server", () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    silent.close();
  });

  test("a port that accepts and stays silent is named as the TLS step", async () => {
    const { port } = silent.address() as AddressInfo;
    const file = await settingsFile(
      stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "x",
        contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
        clusters: [{ name: "x", cluster: { server: `https://127.0.0.1:${port}` } }],
        users: [{ name: "x", user: { token: "t" } }],
      }),
    );
    const { code, stderr } = await runHepctl(["plan", "--kubeconfig", file, "--timeout", "8s"]);
    expect(code).toBe(1);
    expect(onlyLine(stderr)).toMatch(/tls step/);
  });
});

type KubeconfigText = {
  "current-context"?: string;
  readonly clusters: readonly { readonly cluster: Record<string, unknown> }[];
  readonly users: { user: unknown }[];
};

function exec(command: string) {
  return { exec: { apiVersion: "client.authentication.k8s.io/v1", command, interactiveMode: "Never" } };
}

function expiredCertificate() {
  const { client } = createTestCertificates({
    notBefore: new Date("2020-01-01"),
    notAfter: new Date("2020-01-02"),
  });
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return { "client-certificate-data": base64(client.certificate), "client-key-data": base64(client.key) };
}
