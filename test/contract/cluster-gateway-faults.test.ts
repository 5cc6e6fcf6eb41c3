/** What a misbehaving network or API server does to the gateway: through the fault proxy, in front of a real kube-apiserver. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import {
  connectWithToken,
  type TokenConnection,
} from "../../lib/kubernetes/connection/connect-with-token.ts";
import type { ClusterConnection } from "../../lib/kubernetes/connection/connect.ts";
import type { RequestObservation } from "../../lib/kubernetes/connection/transport.ts";
import { CALICO_V1 } from "../../lib/model/calico-group.ts";
import { DeniedError, ExpiredError, ThrottledError, UnreachableError } from "../../lib/model/errors.ts";
import { aDesiredHostEndpoint } from "../builders/a-host-endpoint.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeWithControlPlane } from "../control-plane/describe-with-control-plane.ts";
import { startFaultProxy, type FaultProxy, type Misbehaviour } from "../fakes/fault-proxy.ts";

const nodeCount = 1_001;
const budget = (milliseconds = 20_000) => AbortSignal.timeout(milliseconds);
const timeouts = { connect: 500, headers: 700, body: 700 };

describeWithControlPlane("the gateway, when the network or the API server misbehaves", (controlPlane) => {
  let proxy: FaultProxy;
  let connection: ClusterConnection;
  let seen: RequestObservation[];

  const connect = (more: Partial<TokenConnection> = {}) =>
    connectWithToken({
      endpoint: proxy.url,
      caPem: proxy.caPem,
      token: () => Promise.resolve(controlPlane().adminToken),
      timeouts,
      onRequest: (it) => seen.push(it),
      ...more,
    });

  beforeAll(async () => {
    const { url, caFile, apply } = controlPlane();
    proxy = await startFaultProxy({ target: url, targetCaPem: await readFile(caFile, "utf8") });
    await apply(someNodeObjects(nodeCount));
  });
  afterAll(() => proxy.stop());
  beforeEach(() => {
    seen = [];
    connection = connect();
  });
  afterEach(async () => {
    proxy.heal();
    await connection.close();
  });

  const secondPage = { method: "GET", path: /\/nodes\?.*continue=/ } as const;

  test("without faults the list is whole, and every exchange is observed", async () => {
    expect(await connection.gateway.listNodes(budget())).toHaveLength(nodeCount);
    expect(seen.map(({ verb, resource, status }) => `${verb} ${resource} ${status}`)).toEqual(
      Array(3).fill("list nodes 200"),
    );
  });

  test.each<[string, Misbehaviour, object]>([
    ["a black hole", { kind: "black-hole" }, { name: "UnreachableError", layer: "timeout" }],
    ["500", { kind: "status", status: 500 }, { name: "UnreachableError", layer: "server" }],
    ["401", { kind: "status", status: 401 }, { name: "DeniedError", status: 401 }],
    ["403", { kind: "status", status: 403 }, { name: "DeniedError", status: 403 }],
    ["HTML", { kind: "html" }, { name: "UnreachableError", layer: "protocol" }],
    ["truncated JSON", { kind: "truncated-json" }, { name: "UnreachableError", layer: "protocol" }],
    [
      "a list without items",
      { kind: "body", body: '{"kind":"NodeList","metadata":{}}' },
      { name: "UnreachableError", layer: "protocol" },
    ],
    [
      "another kind",
      { kind: "body", body: '{"kind":"PodList","metadata":{},"items":[]}' },
      { name: "UnreachableError", layer: "protocol" },
    ],
    [
      "a nameless item",
      { kind: "body", body: '{"kind":"NodeList","metadata":{},"items":[{}]}' },
      { name: "UnreachableError", layer: "protocol" },
    ],
    [
      "an endless list",
      { kind: "body", body: '{"kind":"NodeList","metadata":{"continue":"same"},"items":[]}' },
      { name: "UnreachableError", layer: "protocol" },
    ],
    ["endless 410", { kind: "status", status: 410 }, { name: "ExpiredError" }],
    [
      "a connection that is always cut",
      { kind: "reset-mid-body" },
      { name: "UnreachableError", layer: "tcp" },
    ],
    [
      "a Retry-After beyond patience",
      { kind: "status", status: 429, retryAfterSeconds: 900 },
      { name: "ThrottledError", retryAfterSeconds: 900 },
    ],
  ])("%s on page 2 fails the whole list, without a stack of secrets", async (_what, as, error) => {
    proxy.fail({ ...secondPage, as });
    const failure: unknown = await connection.gateway.listNodes(budget()).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject(error);
    expect(String(failure)).toMatch(/list nodes/);
    expect(String(failure)).not.toContain(controlPlane().adminToken);
    expect(String(failure)).not.toContain("doctype");
  });

  test("410 starts the list again, from the beginning", async () => {
    proxy.fail({ ...secondPage, call: 1, as: { kind: "status", status: 410 } });
    expect(await connection.gateway.listNodes(budget())).toHaveLength(nodeCount);
    // Page 2 is asked for while page 1 is read, so its answer may be first.
    expect(seen.map((it) => it.status).toSorted()).toEqual([200, 200, 200, 200, 410]);
  });

  test("410 inside a 200 does the same", async () => {
    const body = '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}';
    proxy.fail({ ...secondPage, call: 1, as: { kind: "body", body } });
    expect(await connection.gateway.listNodes(budget())).toHaveLength(nodeCount);
    proxy.fail({ ...secondPage, as: { kind: "body", body } });
    await expect(connection.gateway.listNodes(budget())).rejects.toThrow(ExpiredError);
  });

  test.each<[string, Misbehaviour]>([
    ["a cut connection", { kind: "reset" }],
    ["a connection cut in the middle of the body", { kind: "reset-mid-body" }],
    ["429 with Retry-After", { kind: "status", status: 429, retryAfterSeconds: 0 }],
    ["503 with Retry-After", { kind: "status", status: 503, retryAfterSeconds: 0 }],
  ])("%s once is forgiven on a read", async (_what, as) => {
    proxy.fail({ ...secondPage, call: 1, as });
    const found = await connection.gateway.listNodes(budget());
    expect(new Set(found.map((it) => it.name)).size).toBe(nodeCount);
    expect(found).toHaveLength(nodeCount);
    expect(seen.filter((it) => it.status === 200)).toHaveLength(3);
  });

  test.each<[string, Misbehaviour]>([
    ["a cut connection", { kind: "reset" }],
    ["a connection cut in the middle of the body", { kind: "reset-mid-body" }],
    ["429 with Retry-After", { kind: "status", status: 429, retryAfterSeconds: 0 }],
  ])("%s once, on a page that waits for its turn, is forgiven too", async (_what, as) => {
    proxy.fail({ method: "GET", path: /\/nodes\?.*continue=/, call: 2, as });
    expect(await connection.gateway.listNodes(budget())).toHaveLength(nodeCount);
  });

  test("a list that fails leaves nothing under way: the page after it is ended with it", async () => {
    proxy.fail({ ...secondPage, as: { kind: "truncated-json" } });
    await expect(connection.gateway.listNodes(budget())).rejects.toMatchObject({ layer: "protocol" });
    const after = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.slice(after).every((it) => it.status === undefined)).toBe(true);
  });

  test("a storm of 429 ends as throttled, within the budget", async () => {
    proxy.fail({ path: /nodes/, as: { kind: "status", status: 429, retryAfterSeconds: 1 } });
    const started = performance.now();
    await expect(connection.gateway.listNodes(budget(1_500))).rejects.toThrow(ThrottledError);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(seen.length).toBeLessThanOrEqual(3);
  });

  test("Retry-After is waited for, by the clock port", async () => {
    const waits: number[] = [];
    const clock = {
      now: () => Date.now(),
      sleep: (milliseconds: number) => (waits.push(milliseconds), Promise.resolve()),
    };
    connection = connect({ clock });
    proxy.fail({ path: /nodes/, as: { kind: "status", status: 429, retryAfterSeconds: 7 } });
    await expect(connection.gateway.listNodes(budget())).rejects.toThrow(ThrottledError);
    expect(waits).toEqual([7_000, 7_000, 7_000, 7_000, 7_000]);
  });

  test("a write whose answer is lost is sent once, and not taken for done", async () => {
    const desired = aDesiredHostEndpoint({ name: "ambiguous" });
    proxy.fail({ method: "POST", as: { kind: "reset-after" } });
    await expect(connection.gateway.create(CALICO_V1, desired, budget())).rejects.toThrow(UnreachableError);
    expect(seen).toHaveLength(1);
    expect(await connection.gateway.getHostEndpoint(CALICO_V1, "ambiguous", budget())).toMatchObject(desired);
  });

  test("a write that was throttled is sent again: it was not served", async () => {
    proxy.fail({ method: "POST", call: 1, as: { kind: "status", status: 429, retryAfterSeconds: 0 } });
    proxy.fail({ method: "DELETE", call: 1, as: { kind: "status", status: 503, retryAfterSeconds: 0 } });
    const created = await connection.gateway.create(
      CALICO_V1,
      aDesiredHostEndpoint({ name: "throttled" }),
      budget(),
    );
    await expect(connection.gateway.delete(CALICO_V1, created, budget())).rejects.toMatchObject({
      layer: "server",
    });
    expect(seen.map((it) => `${it.verb} ${it.status}`)).toEqual(["create 429", "create 201", "delete 503"]);
  });

  test("a 404 that no API server wrote does not prove that a Node is gone", async () => {
    proxy.fail({ path: /nodes\/node-0001/, as: { kind: "status", status: 404 } });
    await expect(connection.gateway.getNode("node-0001", budget())).rejects.toThrow();
    proxy.heal();
    expect(await connection.gateway.getNode("node-0001", budget())).toBeDefined();
    expect(await connection.gateway.getNode("node-9999", budget())).toBeUndefined();
  });

  test("a token that was refused is renewed exactly once", async () => {
    const asked: boolean[] = [];
    const token = (_signal: AbortSignal, fresh: boolean) => {
      asked.push(fresh);
      return Promise.resolve(fresh ? controlPlane().adminToken : "expired");
    };
    connection = connect({ token });
    expect(await connection.gateway.getNode("node-0001", budget())).toBeDefined();
    expect(asked).toEqual([false, true]);
    connection = connect({ token: () => Promise.resolve("always-wrong") });
    seen = [];
    await expect(connection.gateway.getNode("node-0001", budget())).rejects.toThrow(DeniedError);
    expect(seen.map((it) => it.status)).toEqual([401, 401]);
  });

  test("a server that is down is named by layer, for reads and by the probe", async () => {
    await proxy.refuse();
    try {
      await expect(connection.gateway.listNodes(budget())).rejects.toMatchObject({ layer: "tcp" });
      expect(await connection.probe(budget())).toMatchObject({ ok: false, hop: "tcp" });
    } finally {
      await proxy.listenAgain();
    }
    expect(await connection.probe(budget())).toMatchObject({ ok: true });
  });

  test("a certificate that another CA signed is a TLS failure", async () => {
    connection = connect({ caPem: await readFile(controlPlane().caFile, "utf8") });
    await expect(connection.gateway.listNodes(budget())).rejects.toMatchObject({ layer: "tls" });
    expect(await connection.probe(budget())).toMatchObject({ ok: false, hop: "tls" });
  });

  test("a bundle of two CAs trusts both", async () => {
    connection = connect({ caPem: `${await readFile(controlPlane().caFile, "utf8")}\n${proxy.caPem}` });
    expect(await connection.gateway.getNode("node-0001", budget())).toBeDefined();
  });

  test("the budget ends a call that hangs", async () => {
    connection = connect({ timeouts: { connect: 5_000, headers: 60_000, body: 60_000 } });
    proxy.fail({ path: /nodes/, as: { kind: "black-hole" } });
    const started = performance.now();
    await expect(connection.gateway.listNodes(budget(400))).rejects.toMatchObject({ layer: "timeout" });
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
