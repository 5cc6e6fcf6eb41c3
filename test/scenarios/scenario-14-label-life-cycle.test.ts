/**
 * Scenario 14: label life cycle. Given a label added, changed and removed on a Node, then the endpoint follows in all three
 * cases. The removal is asserted on the wire: what is sent does not hold the label any more, in neither of its two homes.
 */
import { expect, test } from "@jest/globals";
import { CALICO_METADATA_ANNOTATION, OWNER_LABEL } from "../../lib/names/names.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const name = "node-1";
const [before, label] = [aNodeObject({ name }), "example.com/team"];
const labelled = (value: string) => aNodeObject({ name, labels: { [label]: value } });

async function labelOf(world: World): Promise<string | undefined> {
  return (await world.endpoint(name)).labels[label];
}

describeScenario("scenario 14: label life cycle", (world) => {
  test("a label that is added, changed and removed on the Node is so on the endpoint", async () => {
    await world().put([before]);
    await world().settle();
    const { uid } = await world().endpoint(name);
    await world().put([labelled("red")]);
    await world().settle();
    expect(await labelOf(world())).toBe("red");
    await world().put([labelled("blue")]);
    await world().settle();
    expect(await labelOf(world())).toBe("blue");
    await world().put([before]);
    const { report } = await world().run();
    expect(await labelOf(world())).toBeUndefined();
    expect(report.actions).toMatchObject([
      { action: "update", changes: [{ path: `metadata.labels["${label}"]`, from: "blue" }] },
    ]);
    expect((await world().endpoint(name)).uid).toBe(uid);
  });

  test("the removal is a PUT of the whole object without the label", async () => {
    await world().put([labelled("red")]);
    await world().settle();
    await world().put([before]);
    await world().settle();
    const sent = world().network.requests.findLast((it) => it.method === "PUT")?.body ?? "";
    expect(JSON.parse(sent)).toMatchObject({
      kind: "HostEndpoint",
      metadata: { name, labels: { [OWNER_LABEL]: expect.any(String) } },
    });
    expect(sent).not.toContain(label);
  });

  test("a label that calicoctl moved into the annotation is removed there as well", async () => {
    await world().put([before]);
    const moved = aHostEndpointObject({
      name,
      labelHome: "annotation",
      labels: { ...before.metadata.labels, [label]: "red" },
    });
    await world().put([moved]);
    await world().settle();
    expect(await labelOf(world())).toBeUndefined();
    const stored = await world().controlPlane.admin.get(
      `/apis/crd.projectcalico.org/v1/hostendpoints/${name}`,
    );
    expect(JSON.stringify(stored)).not.toContain(label);
    expect(JSON.stringify(stored)).toContain(CALICO_METADATA_ANNOTATION);
  });

  test("a label that somebody put on the endpoint by hand goes, foreign annotations and ports stay", async () => {
    await world().put([before]);
    await world().settle();
    const path = `/apis/crd.projectcalico.org/v1/hostendpoints/${name}`;
    await world().controlPlane.admin.patch(path, {
      metadata: { labels: { [label]: "by-hand" }, annotations: { "example.com/note": "keep" } },
      spec: { ports: [{ name: "ssh", port: 22, protocol: "TCP" }] },
    });
    await world().settle();
    const endpoint = await world().endpoint(name);
    expect(endpoint.labels[label]).toBeUndefined();
    expect(endpoint.annotations["example.com/note"]).toBe("keep");
    expect(endpoint.ports).toEqual([{ name: "ssh", port: 22, protocol: "TCP" }]);
  });
});
