/** The manifests of deploy/kubernetes on a real API server, and their pod's process as its ServiceAccount, scraped. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { FUNCTION_METRICS, METRICS } from "../../../lib/names/names.ts";
import { aNodeObject, someNodeObjects } from "../../builders/a-node.ts";
import type { AnyObject } from "../../control-plane/admin-client.ts";
import { describeWithControlPlane } from "../../control-plane/describe-with-control-plane.ts";
import { collectionPath, servedResources } from "../../control-plane/resource-paths.ts";
import { onlyLine, runHepctl, startHepctl } from "../cli/run-hepctl.ts";
import { documentsOf } from "../cli/with-reconciler.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "deploy", "kubernetes");
const account = { namespace: "hostendpoint-reconciler", name: "hepctl" };

type PodTemplate = {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: {
    readonly containers: readonly {
      readonly args: readonly string[];
      readonly livenessProbe: { readonly httpGet: { readonly path: string } };
      readonly readinessProbe: { readonly httpGet: { readonly path: string } };
    }[];
  };
};

async function manifests(): Promise<readonly AnyObject[]> {
  const { resources } = parse(await readFile(join(folder, "kustomization.yaml"), "utf8")) as Readonly<{
    resources: readonly string[];
  }>;
  const texts = await Promise.all(resources.map((it) => readFile(join(folder, it), "utf8")));
  return texts.flatMap((text) => documentsOf(text));
}

test("rbac.yaml is what the command prints", async () => {
  const written = documentsOf(await readFile(join(folder, "rbac.yaml"), "utf8"));
  const printed = await runHepctl(["rbac", "--service-account", `${account.namespace}/${account.name}`]);
  expect(written).toEqual(documentsOf(printed.stdout));
  const wrong = await runHepctl(["rbac", "--service-account", "hepctl"]);
  expect({ code: wrong.code, line: onlyLine(wrong.stderr) }).toEqual({
    code: 64,
    line: expect.stringContaining('"hepctl" is no namespace and name') as unknown,
  });
});

describeWithControlPlane("deploy/kubernetes", (controlPlane) => {
  let template: PodTemplate;

  beforeAll(async () => {
    const objects = await manifests();
    const { admin } = controlPlane();
    // The server's own answer, and nothing it does not know: what a dry run of kubectl with --validate=strict asks for.
    for (const object of objects) {
      const served = await servedResources(admin, object.apiVersion);
      const resource = served.find((it) => it.kind === object.kind);
      if (resource === undefined) throw new Error(`no ${object.kind} is served`);
      const path = collectionPath(object, resource);
      await admin.create(`${path}?dryRun=All&fieldValidation=Strict`, object);
      await admin.create(`${path}?fieldValidation=Strict`, object);
    }
    const deployment = objects.find((it) => it.kind === "Deployment");
    template = (deployment?.["spec"] as { readonly template: PodTemplate }).template;
  });

  /** Environment of the pod's process: the token that a kubelet would mount, and where the API server is. */
  async function mounted(): Promise<Readonly<Record<string, string>>> {
    const { admin, caFile, url } = controlPlane();
    const answer = (await admin.request(
      "POST",
      `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`,
      { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
    )) as { readonly status: { readonly token: string } };
    const secrets = await mkdtemp(join(tmpdir(), "serviceaccount-"));
    await writeFile(join(secrets, "token"), answer.status.token);
    await writeFile(join(secrets, "ca.crt"), await readFile(caFile));
    await writeFile(join(secrets, "namespace"), account.namespace);
    const { hostname, port } = new URL(url);
    return {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      HEPCTL_SERVICE_ACCOUNT_FOLDER: secrets,
    };
  }

  test("the namespace admits the pod, and would not admit one that is less restricted", async () => {
    const { admin } = controlPlane();
    const pod = (spec: unknown) =>
      admin.create(`/api/v1/namespaces/${account.namespace}/pods?dryRun=All&fieldValidation=Strict`, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...template.metadata, name: "hepctl-1" },
        spec,
      });
    expect((await pod(template.spec)).kind).toBe("Pod");
    await expect(pod({ ...template.spec, securityContext: {} })).rejects.toThrow(/restricted/);
  });

  test("its process protects the nodes as its ServiceAccount, tells how it goes, and ends when it is told to", async () => {
    await controlPlane().apply(someNodeObjects(3));
    const settings = join(await mkdtemp(join(tmpdir(), "settings-")), "settings.yaml");
    const config = (await manifests()).find((it) => it.kind === "ConfigMap");
    const text = (config?.["data"] as Readonly<Record<string, string>>)["settings.yaml"] ?? "";
    await writeFile(settings, text.replace("observe", "enforce"));
    const [container] = template.spec.containers;
    const args = (container?.args ?? []).map((it) =>
      it === ":8080" ? "127.0.0.1:0" : it === "/etc/hepctl/settings.yaml" ? settings : it,
    );
    expect(args).toContain("127.0.0.1:0");
    const running = startHepctl(args, { environment: await mounted() });
    await running.says(/reconciled status=converged/);
    const url = /listening url=(\S+)/.exec(running.stderr())?.[1] ?? "";
    const ask = async (path: string, method = "GET") => {
      const response = await fetch(`${url}${path}`, { method });
      return { status: response.status, text: await response.text() };
    };
    expect(await ask(container?.livenessProbe.httpGet.path ?? "")).toMatchObject({ status: 200 });
    expect(await ask(container?.readinessProbe.httpGet.path ?? "")).toMatchObject({ status: 200 });
    expect(await ask("/anything")).toMatchObject({ status: 404 });
    expect(await ask("/metrics", "POST")).toMatchObject({ status: 405 });
    const { text: metrics } = await ask("/metrics");
    for (const line of ["nodes 3", "nodes_protected 3", "nodes_unprotected 0", "created_total 3"])
      expect(metrics).toContain(`\nhostendpoint_reconciler_${line}\n`);
    expect(metrics).toContain('hostendpoint_reconciler_rounds_total{outcome="succeeded"} 1');
    expect(metrics).toMatch(/\nhostendpoint_reconciler_api_requests_total [1-9]/);
    const names = [...metrics.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    // The function's own are not told by a loop; one is for the loop alone.
    expect(names.length).toBe(METRICS.length - FUNCTION_METRICS.length + 1);
    const readme = await readFile(join(folder, "README.md"), "utf8");
    for (const name of names)
      expect(readme).toMatch(new RegExp(`\`${name?.replace("hostendpoint_reconciler_", "")}[\`{]`));
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  test("a round that fails keeps it alive and is counted; a taken port is one line", async () => {
    await controlPlane().admin.remove(
      "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/hostendpoint-reconciler",
    );
    await controlPlane().apply([aNodeObject({ name: "another" })]);
    const environment = await mounted();
    const args = ["reconcile", "--every", "1s", "--timeout", "20s"];
    const running = startHepctl([...args, "--listen", "127.0.0.1:0"], { environment });
    await running.says(/round failed/);
    const address = /listening url=http:\/\/(\S+)/.exec(running.stderr())?.[1] ?? "";
    const statusOf = async (path: string) => (await fetch(`http://${address}${path}`)).status;
    expect([await statusOf("/livez"), await statusOf("/readyz")]).toEqual([200, 503]);
    expect(await (await fetch(`http://${address}/metrics`)).text()).toMatch(
      /rounds_total\{outcome="failed"\} [1-9]/,
    );
    const second = await runHepctl([...args, "--listen", address], { environment });
    expect({ code: second.code, line: second.stderr.trim().split("\n").at(-1) }).toEqual({
      code: 64,
      line: `hepctl reconcile: --listen ${address}: somebody listens there already; choose another address or port`,
    });
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });
});
