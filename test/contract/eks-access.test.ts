/**
 * The way in as on EKS: a token that is signed here, verified by a webhook as aws-iam-authenticator and STS do, in front of
 * a real kube-apiserver, for a user that has nothing but what an access entry's group is granted.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { clusterSession, type ClusterSession } from "../../functions/shared/compose-cluster.ts";
import type { ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import { eksTokenSource } from "../../lib/aws/eks-token-source.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import { DeniedError, UnreachableError } from "../../lib/model/errors.ts";
import { rbacObjects } from "../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../lib/names/names.ts";
import { systemClock } from "../../lib/ports/clock.ts";
import { reconcile } from "../../lib/reconcile/reconcile.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { describeWhereControlPlaneRuns } from "../control-plane/describe-with-control-plane.ts";
import { SOME_AUTHORITY } from "../fakes/test-certificates.ts";
import { startEksTokenWebhook, type AccessEntry, type EksTokenWebhook } from "../fakes/eks-token-webhook.ts";

const signal = AbortSignal.timeout(120_000);
const entry: AccessEntry = { username: KUBERNETES_USER, groups: [KUBERNETES_GROUP] };
const settings = settingsSchema.parse({});
/** kube-apiserver's own cache of tokens that were good (`TokenSuccessCacheTTL`, 10 s), which no flag changes. */
const API_SERVER_REMEMBERS_MILLISECONDS = 11_000;
/** Nothing listens on port 1. */
const SILENT_ENDPOINT = "https://127.0.0.1:1";
/** What a container knows after the cluster's certificate authority was rotated. */
const OLD_AUTHORITY = SOME_AUTHORITY;

describeWhereControlPlaneRuns("an EKS cluster's way in", () => {
  const world = {
    secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    verifierSecret: "",
    entries: {} as Record<string, AccessEntry>,
    /** Milliseconds since the epoch: the container's clock, and the one of AWS. */
    ourClock: 0,
    awsClock: 0,
  };
  let webhook: EksTokenWebhook;
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    webhook = await startEksTokenWebhook({
      cluster: "prod",
      region: "eu-west-1",
      get keys() {
        return {
          AKIDEXAMPLE: { secretAccessKey: world.verifierSecret, sessionToken: "FwoGZXIvYXdzE+/=token" },
        };
      },
      now: () => world.awsClock,
      accessEntries: () => world.entries,
    });
    controlPlane = await startControlPlane({
      tokenWebhook: webhook.kubeconfig,
      // A real cluster remembers an answer for two minutes.
      flags: ["--authentication-token-webhook-cache-ttl=1ms"],
    });
    await controlPlane.apply(rbacObjects());
  }, 120_000);
  afterAll(async () => {
    await controlPlane.stop();
    await webhook.stop();
  });
  beforeEach(async () => {
    await controlPlane.resetObjects();
    await controlPlane.apply([aNodeObject({ name: "n1" })]);
    world.ourClock = world.awsClock = Date.now();
    world.verifierSecret = world.secret;
    world.entries = { AKIDEXAMPLE: entry };
  });

  function facts(changes: Partial<ClusterFacts> = {}): ClusterFacts {
    return {
      name: "prod",
      status: "ACTIVE",
      endpoint: controlPlane.url,
      certificateAuthority: Buffer.from(controlPlane.caData, "base64").toString("utf8"),
      publicAccess: true,
      privateAccess: false,
      publicAccessCidrs: [],
      ...changes,
    };
  }

  /** A warm container; `told` is what EKS answers, one after the other, the last one for ever. */
  function container(cluster: string = "prod", told: readonly ClusterFacts[] = [facts()]): ClusterSession {
    let asked = 0;
    return clusterSession({
      facts: {
        read: () => Promise.resolve(told[Math.min(asked, told.length - 1)] ?? facts()),
        forget: () => {
          asked += 1;
        },
      },
      tokens: eksTokenSource({
        region: "eu-west-1",
        cluster,
        clock: { now: () => world.ourClock },
        credentials: () =>
          Promise.resolve({
            accessKeyId: "AKIDEXAMPLE",
            secretAccessKey: world.secret,
            sessionToken: "FwoGZXIvYXdzE+/=token",
          }),
      }),
      vpcs: { cidrs: () => Promise.resolve(undefined) },
      clock: systemClock,
      connections: 4,
    });
  }

  async function run(session: ClusterSession): Promise<string> {
    const { report } = await session.use(
      ({ gateway }) =>
        reconcile(
          { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
          { settings, cluster: gateway, clock: systemClock },
          signal,
        ),
      signal,
    );
    return report.status;
  }

  test("a token that is signed here lets the group's user in, and the group's role is all that a run needs", async () => {
    const before = webhook.answers.length;
    expect(await run(container())).toBe("converged");
    expect(new Set(webhook.answers.slice(before))).toEqual(new Set([KUBERNETES_USER]));
  });

  test("a warm container whose token has ended signs a new one before it asks", async () => {
    const session = container();
    await run(session);
    const before = webhook.answers.length;
    world.ourClock = world.awsClock += 20 * 60_000;
    expect(await run(session)).toBe("converged");
    expect(new Set(webhook.answers.slice(before))).toEqual(new Set([KUBERNETES_USER]));
  });

  test("a token that is refused although it should be good: one more try with a fresh one", async () => {
    const session = container();
    await run(session);
    world.secret = "another-secret-of-the-same-key";
    world.verifierSecret = world.secret;
    await sleep(API_SERVER_REMEMBERS_MILLISECONDS);
    const before = webhook.answers.length;
    expect(await run(session)).toBe("converged");
    expect(webhook.answers.slice(before)).toContain("SignatureDoesNotMatch");
  });

  test.each([
    ["no access entry", "prod", (): void => void (world.entries = {}), "no access entry for this principal"],
    ["a token for another cluster", "staging", (): void => undefined, "SignatureDoesNotMatch"],
    [
      "a clock that is behind",
      "prod",
      (): void => void (world.ourClock -= 30 * 60_000),
      "X-Amz-Date parameter is expired",
    ],
  ] as const)(
    "%s: refused, also with a fresh token, and told what to check",
    async (_name, cluster, arrange, reason) => {
      arrange();
      const before = webhook.answers.length;
      const error = await run(container(cluster)).catch((it: unknown) => it);
      expect(error).toBeInstanceOf(DeniedError);
      expect(error).toMatchObject({ status: 401, message: expect.stringContaining("access entry") });
      expect(new Set(webhook.answers.slice(before))).toEqual(new Set([reason]));
    },
  );

  test("the certificate authority was rotated: EKS is asked again, once", async () => {
    const old = facts({ certificateAuthority: OLD_AUTHORITY });
    expect(await run(container("prod", [old, facts()]))).toBe("converged");
    const error = await run(container("prod", [old])).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ layer: "tls" });
  });

  test("nothing listens: the layer is named, inside the time budget", async () => {
    const started = Date.now();
    const error = await run(container("prod", [facts({ endpoint: SILENT_ENDPOINT })])).catch(
      (it: unknown) => it,
    );
    expect(error).toMatchObject({ layer: "tcp" });
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});
