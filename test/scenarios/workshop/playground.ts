/**
 * A cluster for whoever has none and wants to follow docs/workshop.md: a real API server with two nodes that have no
 * machines, and a shell in which the page's commands work. Leaving the shell ends it all.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import process from "node:process";
import { NoControlPlaneError } from "../../control-plane/binaries/locate-programs.ts";
import { startControlPlane } from "../../control-plane/control-plane.ts";
import { prepareCluster } from "./cluster.ts";
import { makeKubectlFolder } from "./kubectl-on-path.ts";

async function play(): Promise<void> {
  process.stderr.write("Starting a real kube-apiserver and etcd on loopback ...\n");
  await using controlPlane = await startControlPlane({ definitions: "v3" });
  await prepareCluster(controlPlane);
  const kubectl = await makeKubectlFolder(controlPlane.folder);
  process.stderr.write(
    "node1 and node2 are there. This kubectl knows the commands of docs/workshop.md and no others; exit ends it all.\n",
  );
  // Ctrl-C is for what runs in the shell.
  process.on("SIGINT", () => {});
  const shell = spawn("bash", [], {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: [kubectl, process.env["PATH"]].join(delimiter),
      KUBECONFIG: await controlPlane.writeKubeconfig(),
    },
  });
  await once(shell, "close");
}

try {
  await play();
} catch (error) {
  if (!(error instanceof NoControlPlaneError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
