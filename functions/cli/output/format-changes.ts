import type { JsonValue } from "../../../lib/model/kubernetes-object.ts";
import type { FieldChange } from "../../../lib/model/plan.ts";
import type { ReportedAction } from "../../../lib/model/report.ts";
import type { ActionGroup } from "./group-actions.ts";
import { cut, wrap } from "./columns.ts";
import type { Colors, Stream } from "./terminal.ts";

const verbs = { create: "create", update: "update", delete: "delete", adopt: "adopt" } as const;
const signs = { create: "+", update: "~", delete: "-", adopt: "~" } as const;

/** One action as `terraform plan` shows it: what, on which object, and each field from and to. */
export function formatAction(action: ReportedAction, stream: Stream): string {
  const color = colorOf(action.action, stream.colors);
  const sign = signs[action.action];
  const node = action.node === action.hostEndpoint || action.node === "" ? "" : ` (node ${action.node})`;
  const head = `${color(`${sign} ${verbs[action.action]}`)} ${stream.colors.bold(`HostEndpoint/${action.hostEndpoint}`)}${node}${outcomeOf(action)}`;
  const changes = action.changes.map((it) => formatChange(it, action.action, stream));
  return [`  ${head}`, ...changes, ...explain(action, stream)].join("\n");
}

/** Many that are alike, as one: how many, of which group, and the first of them as the example. */
export function formatActionGroup(group: ActionGroup, stream: Stream): string {
  const { example, own } = group;
  const changes = example.changes.map((it) => {
    const text = formatChange(it, example.action, stream);
    return own.has(it.path) ? `${text} ${stream.colors.dim("(each its own)")}` : text;
  });
  return [formatGroupHead(group, stream), ...changes, ...explain(example, stream)].join("\n");
}

/** `+ create 37 nodes of node group web; e.g. HostEndpoint/NODE`. */
export function formatGroupHead(
  { example, members, nodeGroup }: ActionGroup,
  { colors }: Pick<Stream, "colors">,
): string {
  const color = colorOf(example.action, colors);
  const whose = nodeGroup === undefined ? "" : ` of node group ${nodeGroup}`;
  const verb = color(`${signs[example.action]} ${verbs[example.action]}`);
  return `  ${verb} ${colors.bold(`${members.length} ${members.length === 1 ? "node" : "nodes"}`)}${whose}; e.g. HostEndpoint/${example.hostEndpoint}${outcomeOf(example)}`;
}

/** `~ path: "from" -> "to"`, `+ path: "to"`, `- path: "from"`. */
export function formatChange(change: FieldChange, action: ReportedAction["action"], stream: Stream): string {
  const { path, from, to } = change;
  const indent = "      ";
  const room = stream.width - indent.length;
  if (from === undefined)
    return indent + colorOf("create", stream.colors)(cut(`+ ${path}: ${show(to)}`, room));
  if (to === undefined)
    return indent + colorOf("delete", stream.colors)(cut(`- ${path}: ${show(from)}`, room));
  return indent + colorOf(action, stream.colors)(cut(`~ ${path}: ${show(from)} -> ${show(to)}`, room));
}

function outcomeOf({ outcome, reason }: ReportedAction): string {
  if (outcome === "planned") return reason === "missing" || reason === "drift" ? "" : ` [${reason}]`;
  return outcome === "applied" ? "" : ` [${outcome}: ${reason}]`;
}

/** A withheld action's detail ends with its fix; each gets lines of its own. */
function explain(action: ReportedAction, stream: Stream): readonly string[] {
  if (action.detail === "") return [];
  const at = action.detail.indexOf(" Fix: ");
  const why = at < 0 ? action.detail : action.detail.slice(0, at);
  const fix = at < 0 ? undefined : action.detail.slice(at + " Fix: ".length);
  return [
    stream.colors.yellow(wrap(why, "      ", stream)),
    ...(fix === undefined ? [] : [wrap(`Fix: ${fix}`, "      ", stream)]),
  ];
}

function show(value: JsonValue | undefined): string {
  return Array.isArray(value)
    ? `[${value.map((it) => JSON.stringify(it)).join(", ")}]`
    : (JSON.stringify(value) ?? "");
}

function colorOf(action: ReportedAction["action"], colors: Colors): (text: string) => string {
  switch (action) {
    case "create":
      return colors.green;
    case "delete":
      return colors.red;
    case "update":
    case "adopt":
      return colors.yellow;
  }
}
