import type { CommandDefinition } from "../arguments/command.ts";
import { acceptLooseningOption, detailOptions, nodeOption, yesOption } from "./options.ts";

export const reconcileCommand: CommandDefinition = {
  name: "reconcile",
  summary: "make every node's HostEndpoint what it should be",
  description:
    "Plans as `hepctl plan` does, asks on a terminal, and applies what the guard lets through.\n" +
    "With --every it keeps going until SIGINT or SIGTERM, without asking: the run in progress is finished first. It replaces an\n" +
    "in-cluster loop and honours LOG_LEVEL, SCAN_INTERVAL_SECONDS, OPERATOR_ID, NODE_LABELS_INCLUDE_REGEX and\n" +
    "NODE_LABELS_EXCLUDE_REGEX of hostendpoint-operator where the settings file is silent.",
  options: [
    nodeOption,
    ...detailOptions,
    {
      flags: "--every [duration]",
      description:
        "again and again, with this pause (default: the settings' rate, SCAN_INTERVAL_SECONDS, or 60s)",
    },
    {
      flags: "--listen <address>",
      description: "with --every: serve /livez, /readyz and /metrics (Prometheus) there, such as :8080",
    },
    acceptLooseningOption,
    yesOption,
  ],
  examples: [
    { command: "hepctl reconcile", does: "Show the plan, ask, apply" },
    { command: "hepctl reconcile --yes -o json", does: "In a pipeline" },
    { command: "hepctl reconcile --node ip-10-0-1-5.ec2.internal --yes", does: "One node" },
    {
      command: "hepctl reconcile --every 60s --config infra/clusters/prod.yaml",
      does: "As a loop, one log line for each round",
    },
    {
      command: "hepctl reconcile --every 60s --listen :8080",
      does: "In a pod: as its ServiceAccount, with probes and metrics (deploy/kubernetes)",
    },
  ],
  exitCodes: { 0: "converged", 1: "failed", 3: "partial, or something is withheld" },
  run: async (invocation, context) => {
    const { runReconcile } = await import("../run/run-reconcile.ts");
    return runReconcile(invocation, context);
  },
};
