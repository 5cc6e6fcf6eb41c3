/**
 * Are these the settings that made what is there? A wrong file, a file of another cluster or none at all looks like a plan full of
 * reasons, so it is said before everything else.
 */
import type { GuardRequest } from "../guard/rule.ts";
import { UsageError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import { readFingerprint, type SettingsFingerprint } from "../model/settings-fingerprint.ts";
import { HALT_NODE } from "../names/names.ts";
import { isOwned } from "../plan/ownership.ts";

export type SettingsChange = {
  /** The settings that made most of the endpoints that these did not make. */
  readonly before: SettingsFingerprint;
  readonly now: SettingsFingerprint;
  /** How many endpoints they made, of how many of ours that were read. */
  readonly made: number;
  readonly of: number;
  /** What a reader should know; empty when the plan changes nothing. */
  readonly findings: readonly Finding[];
};

/** Undefined when every endpoint that says who made it was made by settings that do the same. */
export function settingsChanged(
  { plan, snapshot, safety }: GuardRequest,
  now: SettingsFingerprint,
): SettingsChange | undefined {
  const ours = snapshot.hostEndpoints.filter((it) => isOwned(it, safety.id) && it.node !== HALT_NODE);
  const others = ours.flatMap((it) => {
    const made = readFingerprint(it);
    return made === undefined || made.hash === now.hash ? [] : [{ name: it.name, made }];
  });
  const [most] = [...Map.groupBy(others, (it) => it.made.hash).values()].sort((a, b) => b.length - a.length);
  const before = most?.[0]?.made;
  if (before === undefined) return undefined;
  const names = new Set(others.map((it) => it.name));
  const isWhole = others.length === ours.length;
  // What these settings made themselves changes for other reasons.
  const effect = plan.actions.filter(
    (it) => it.node !== HALT_NODE && (it.kind === "create" ? isWhole : names.has(it.name)) && !isGone(it),
  );
  const count = (kind: string) => effect.filter((it) => it.kind === kind).length;
  const fields = new Set(
    effect.flatMap((it) => (it.kind === "update" ? it.changes.map((change) => fieldOf(change.path)) : [])),
  );
  const changes = fields.size === 0 ? "" : ` (${[...fields].sort().join(", ")})`;
  return {
    before,
    now,
    made: others.length,
    of: ours.length,
    findings:
      effect.length === 0
        ? []
        : [
            {
              severity: "warning",
              code: "settings-changed",
              object: "Settings/endpoints",
              message: `${describe(now)} are not the settings that made ${others.length} of ${ours.length} endpoints: ${describe(before)}. In effect: ${count("create")} endpoints more, ${count("update")} changed${changes}, ${count("delete")} that these settings do not want`,
              fix: `when it is not meant: ${commandFor("plan", before)}`,
            },
          ],
  };
}

/** @throws UsageError with the command that would be right; returns when no file made the others' endpoints. */
export function refuseOthers({ before, made, of }: SettingsChange): void {
  if (before.file === "") return;
  throw new UsageError(
    `${made} of ${of} HostEndpoints of this cluster were made with the settings file ${before.file}, and this is another set of settings. Run it with that file: ${commandFor("plan", before)}; or name another file with --config when a change is meant`,
  );
}

function commandFor(command: string, { file }: SettingsFingerprint): string {
  return `hepctl ${command} --config ${file === "" ? "FILE" : file.includes(" ") ? `'${file}'` : file}`;
}

function describe({ hash, version, file }: SettingsFingerprint): string {
  return `${file === "" ? "the defaults" : file} (${hash}, hepctl ${version})`;
}

/** `metadata.labels["a"]` -> `labels`. */
function fieldOf(path: string): string {
  return /^(?:metadata|spec)\.(\w+)/.exec(path)?.[1] ?? path;
}

function isGone(action: { readonly kind: string; readonly reason?: string }): boolean {
  return action.kind === "delete" && action.reason === "node-gone";
}
