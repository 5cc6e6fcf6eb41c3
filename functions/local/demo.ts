/**
 * `npm start`: a real kube-apiserver and etcd, a small fleet, and recorded AWS events through the real Lambda handler.
 * No AWS account, no cluster. Exits 0 when the fleet ends as it should.
 */
import type { Report } from "../../lib/model/report.ts";
import { rbacObjects } from "../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER, lifecycleHookNames } from "../../lib/names/names.ts";
import { createLogger } from "../../lib/observability/create-logger.ts";
import { NoControlPlaneError } from "../../test/control-plane/binaries/locate-programs.ts";
import { startControlPlane, type ControlPlane } from "../../test/control-plane/control-plane.ts";
import { recordedEvent } from "../../test/events/events.ts";
import { createReconcileHandler } from "../reconcile/create-handler.ts";
import { deliver, invoke } from "./demo/deliver.ts";
import { demoPorts } from "./demo/demo-ports.ts";
import {
  CALICO,
  FIRST_MACHINES,
  GROUP,
  instanceOf,
  LATE_MACHINE,
  LOG_ONLY_POLICY,
  NEW_MACHINE,
  nodeName,
  nodeOf,
} from "./demo/fleet.ts";
import { heading, say, watcher } from "./demo/tell.ts";

async function demo(controlPlane: ControlPlane): Promise<boolean> {
  await controlPlane.apply([...rbacObjects(), ...CALICO, ...FIRST_MACHINES.map((it) => nodeOf(it))]);
  const ports = demoPorts(controlPlane);
  for (const machine of FIRST_MACHINES) ports.ec2.set(machine.instanceId, instanceOf(machine));
  const handler = createReconcileHandler(ports, createLogger("warn", { function: "demo" }));
  const look = watcher(controlPlane);
  const hooks = lifecycleHookNames(ports.settings.id);
  const resync = async () => (await invoke(handler, { action: "reconcile", source: "schedule" })) as Report;

  heading(
    1,
    "The schedule fires: every Linux node gets its HostEndpoint; Windows and Fargate cannot have one.",
  );
  tellReport(await resync());
  await look();

  heading(
    2,
    "Scale-out: a launch hook event arrives, and the Node has not registered yet. The machine is held.",
  );
  const launch = recordedEvent("asg-launch-lifecycle", {
    instanceId: NEW_MACHINE.instanceId,
    autoScalingGroup: GROUP,
    hook: hooks.launch,
  });
  ports.ec2.set(NEW_MACHINE.instanceId, instanceOf(NEW_MACHINE));
  const again = await deliver(handler, [launch]);
  say(`   ${ports.hookAnswers.at(-1) ?? "no hook was answered"}; ${again} record goes back to the queue`);
  await controlPlane.apply([nodeOf(NEW_MACHINE)]);
  await deliver(handler, [launch], 2);
  say(`   the Node registers, the record comes again: ${ports.hookAnswers.at(-1) ?? ""}`);
  await look();

  heading(3, "A Node gets the label role=ingress: its HostEndpoint follows, and moves under other policies.");
  await controlPlane.apply([nodeOf(NEW_MACHINE, { role: "ingress" })]);
  await resync();
  await look();

  heading(
    4,
    "Somebody adds a policy that only logs. For new db nodes it would deny everything: the guard holds them back.",
  );
  await controlPlane.apply([LOG_ONLY_POLICY, nodeOf(LATE_MACHINE)]);
  ports.ec2.set(LATE_MACHINE.instanceId, instanceOf(LATE_MACHINE));
  const running = recordedEvent("ec2-state-running", { instanceId: LATE_MACHINE.instanceId });
  await deliver(handler, [running]);
  await look();
  const withheld = (await invoke(handler, { action: "plan", nodes: [nodeName(LATE_MACHINE)] })) as Report;
  for (const action of withheld.actions)
    say(`   withheld ${action.hostEndpoint}: ${action.detail.split(/; |\. Fix:/)[0] ?? ""}`);

  heading(5, "The policy is taken back: the next resync protects the node.");
  await controlPlane.admin.remove("/apis/crd.projectcalico.org/v1/globalnetworkpolicies/log-only");
  tellReport(await resync());
  await look();

  heading(6, "Scale-in, with another cluster's event and one of no interest in the same batch.");
  ports.ec2.set("i-0cccccccccccccc01", {
    ...instanceOf(LATE_MACHINE),
    instanceId: "i-0cccccccccccccc01",
    clusters: ["other"],
  });
  ports.ec2.set(NEW_MACHINE.instanceId, instanceOf(NEW_MACHINE, "terminated"));
  await controlPlane.admin.remove(`/api/v1/nodes/${nodeName(NEW_MACHINE)}`);
  await deliver(handler, [
    recordedEvent("asg-terminate-lifecycle", {
      instanceId: NEW_MACHINE.instanceId,
      autoScalingGroup: GROUP,
      hook: hooks.terminate,
    }),
    recordedEvent("ec2-state-running", { instanceId: "i-0cccccccccccccc01" }),
    recordedEvent("unknown-detail-type"),
  ]);
  say(`   ${ports.hookAnswers.at(-1) ?? ""}`);
  await look();

  heading(7, "Once more: in the steady state nothing is written.");
  const last = await resync();
  tellReport(last);
  return last.status === "converged" && last.actions.length === 0;
}

function tellReport(report: Report): void {
  const { counts } = report;
  const unfit = report.nodes.filter((it) => it.status === "unfit").map((it) => it.reason);
  say(
    `   ${report.status}: ${counts.protected} of ${counts.nodes} nodes protected, ${counts.create} created, ${counts.update} updated, ` +
      `${counts.delete} deleted, ${counts.unchanged} unchanged${unfit.length === 0 ? "" : ` (unfit: ${unfit.join(", ")})`}`,
  );
}

async function main(): Promise<void> {
  say("Starting a real kube-apiserver and etcd on loopback ...");
  const started = Date.now();
  const controlPlane = await startControlPlane({
    users: [{ name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] }],
  });
  try {
    say(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s at ${controlPlane.url}`);
    const converged = await demo(controlPlane);
    say(
      converged
        ? "\nThe fleet is protected, and nothing is left to do."
        : "\nThe fleet did not settle: this is a defect.",
    );
    process.exitCode = converged ? 0 : 1;
  } finally {
    await controlPlane.stop();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof NoControlPlaneError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
