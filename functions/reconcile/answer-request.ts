/**
 * One payload that asks for something: the schedule's resync, or a person's plan, reconcile, doctor, explain.
 * The answer is the JSON that the command line prints with `-o json`.
 */
import type { Diagnosis } from "../../lib/doctor/diagnosis.ts";
import { explain } from "../../lib/explain/explain.ts";
import { UsageError } from "../../lib/model/errors.ts";
import type { Report } from "../../lib/model/report.ts";
import type { Trigger } from "../../lib/model/trigger.ts";
import { confirmDeletes } from "../../lib/reconcile/confirm-deletes.ts";
import { parseRequest, type Request } from "../../lib/trigger/parse-request.ts";
import { parseTrigger, triggerOf } from "../../lib/trigger/parse-trigger.ts";
import { parseUntil } from "../shared/parse-until.ts";
import { clusterPorts } from "../shared/cluster-ports.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { RememberingPorts } from "./fleet-memory.ts";
import type { Invocation } from "../shared/shell.ts";
import { answerDoctor } from "./answer-doctor.ts";
import { answerWaiting, type HooksAnswer } from "./answer-waiting.ts";
import { run } from "./run.ts";
import { isJsonObject } from "../../lib/model/read-json.ts";

export type RequestAnswer = Report | Diagnosis | Explanation | HooksAnswer | SkippedAnswer;

/** Nothing was looked at, and why. */
export type SkippedAnswer = {
  readonly status: "skipped";
  readonly reason: "released" | "ignored";
  readonly detail: string;
};

export async function answerRequest(
  payload: unknown,
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<RequestAnswer> {
  if (isJsonObject(payload) && "action" in payload) {
    const parsed = parseRequest(payload);
    if (!parsed.ok) throw new UsageError(`the payload is wrong: ${parsed.problems.join("; ")}`);
    return answerAction(parsed.request, ports, invocation);
  }
  const parsed = parseTrigger(payload, { via: "invoke" });
  switch (parsed.kind) {
    case "malformed":
      throw new UsageError(`the payload is wrong: ${parsed.problems.join("; ")}`);
    case "ignored":
      invocation.log.info({ reason: parsed.reason, detail: parsed.detail }, "payload ignored");
      return { status: "skipped", reason: "ignored", detail: `${parsed.reason}: ${parsed.detail}` };
    case "trigger":
      return reconcileUnlessReleased(parsed.trigger, "schedule", ports, invocation);
  }
}

async function answerAction(
  request: Request,
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<RequestAnswer> {
  // Once a minute, and nearly always nothing waits: not worth a line.
  if (request.action !== "hooks") invocation.log.info({ ...request }, "asked");
  switch (request.action) {
    case "reconcile":
      return reconcileUnlessReleased(triggerOf(request), request.source, ports, invocation);
    case "plan":
      return (await run([triggerOf(request)], "plan", ports, invocation)).report;
    case "confirm-deletes":
      return ports.cluster.use(
        (connection) =>
          confirmDeletes(
            { until: parseUntil(request.until), nodes: request.nodes, mode: "apply" },
            { ...ports, ...clusterPorts(connection), instances: ports.instances },
            invocation.signal,
          ),
        invocation.signal,
      );
    case "doctor":
      return answerDoctor(ports, invocation);
    case "hooks":
      return answerWaiting(ports, invocation);
    case "explain":
      return explainOne(request.nodes, ports, invocation);
  }
}

type Explanation = Awaited<ReturnType<typeof explain>>;

/** As `hepctl explain NAME`: one at a time. */
async function explainOne(
  nodes: readonly string[],
  { settings, cluster }: FunctionPorts,
  { signal }: Invocation,
): Promise<Explanation> {
  const [name, ...others] = nodes;
  if (name === undefined || others.length > 0)
    throw new UsageError('explain takes one name: {"action":"explain","nodes":["NODE"]}');
  return cluster.use(
    (connection) => explain(name, { settings, ...clusterPorts(connection) }, signal),
    signal,
  );
}

/** After a break-glass the schedule stays quiet, and a person is told what to do first. */
async function reconcileUnlessReleased(
  trigger: Trigger,
  source: Request["source"],
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<RequestAnswer> {
  if ((await ports.mark.read(invocation.signal)) === "armed") {
    const { report } = await run([trigger], "apply", ports, invocation);
    if (trigger.kind === "resync") await answerWaiting(ports, invocation);
    return report;
  }
  const { name } = ports.settings.cluster;
  const detail = `cluster ${name} was released; nothing is reconciled until the release function gets {"action":"rearm","confirm":"${name}"}`;
  if (source === "manual") throw new UsageError(detail);
  invocation.log.warn({ cluster: name }, "not reconciled: released");
  return { status: "skipped", reason: "released", detail };
}
