/**
 * The JSON of every command, as zod: docs/schemas/ is written from here, and tests parse real output with it.
 * The types at the end hold it against the types that the code computes with: neither may have a member that the other lacks.
 */
import * as z from "zod";
import { HOPS, type Diagnosis } from "../../../lib/doctor/diagnosis.ts";
import type { Explanation } from "../../../lib/explain/explanation.ts";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import type { Finding } from "../../../lib/model/finding.ts";
import type { Impact } from "../../../lib/model/impact.ts";
import type { FieldChange } from "../../../lib/model/plan.ts";
import type { Report } from "../../../lib/model/report.ts";
import { FINDINGS, type FindingCode } from "../../../lib/model/words/findings.ts";
import { STANDING_REASONS, UNFIT_REASONS, WAITING_REASONS } from "../../../lib/model/words/node-reasons.ts";
import {
  CHANGE_REASONS,
  FAILURE_REASONS,
  NO_LONGER_NEEDED_REASONS,
} from "../../../lib/model/words/outcome-reasons.ts";
import { VERDICT_REASONS } from "../../../lib/model/words/verdict-reasons.ts";
import { WITHHELD_REASONS } from "../../../lib/model/words/withheld-reasons.ts";
import type { SimulatedFlow } from "../../../lib/simulate/simulate.ts";
import { FORMAT_VERSION } from "../../shared/versioned.ts";

const count = z.number().int().min(0);
const text = z.string();
const sentence = z.string().describe("For people; changes freely");
const version = z.literal(FORMAT_VERSION).describe("Goes up when something is renamed or removed");
const list = <T extends z.ZodType>(of: T) => z.array(of).readonly();
const texts = z.record(z.string(), z.string());
const wordOf = <T extends Record<string, unknown>>(table: T) =>
  z.enum(Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]);

const severity = z.enum(["error", "warning", "info"]);
const findingFields = {
  object: z.string().regex(/^[A-Za-z]+\/.+/).describe("Kind/name"), // prettier-ignore
  message: z.string().min(1).describe("For people; changes freely"),
  fix: z.string().describe("A sentence or a command; empty when the message says it"),
};
/** One entry of `findings`; a code has the severities of docs/findings.md and no others. */
const finding = z
  .strictObject({ severity, code: wordOf(FINDINGS), ...findingFields })
  .refine(({ severity: it, code }) => Object.hasOwn(FINDINGS[code satisfies FindingCode].severity, it), {
    error: "a severity that docs/findings.md does not give the code",
  }) as unknown as z.ZodType<Finding>;

const group = z.enum([CALICO_V1, CALICO_V3]);
const changeReason = {
  ...CHANGE_REASONS,
  ...NO_LONGER_NEEDED_REASONS,
  ...WITHHELD_REASONS,
  ...FAILURE_REASONS,
};
const changes: z.ZodType<readonly FieldChange[]> = list(
  z.strictObject({ path: text, from: z.json().exactOptional(), to: z.json().exactOptional() }),
);
const report = z.strictObject({
  status: z.enum(["converged", "waiting", "withheld", "partial", "failed"]),
  stage: z.enum(["observe", "canary", "enforce"]),
  group,
  counts: z.strictObject({
    nodes: count,
    protected: count,
    unprotected: count,
    create: count,
    update: count,
    delete: count,
    unchanged: count,
    withheld: count,
    failed: count,
    foreign: count,
    flowsDenied: count
      .describe("Essential flows that nodes do not get, each for each node; absent where nobody looked")
      .exactOptional(),
  }),
  actions: list(
    z.strictObject({
      action: z.enum(["create", "update", "delete", "adopt"]),
      hostEndpoint: text,
      node: text,
      changes,
      outcome: z.enum(["planned", "applied", "withheld", "failed", "no-longer-needed"]),
      reason: wordOf(changeReason),
      detail: sentence,
    }),
  ),
  nodes: list(
    z.strictObject({
      node: text,
      status: z.enum(["converged", "waiting", "unfit", "withheld", "failed"]),
      reason: wordOf({ ...changeReason, ...STANDING_REASONS, ...UNFIT_REASONS, ...WAITING_REASONS }),
      detail: sentence,
    }),
  ),
  findings: list(finding),
});

const decidedBy = z.strictObject({
  hook: z.enum(["untracked", "preDNAT", "forward", "normal"]).exactOptional(),
  hostEndpoint: text.exactOptional(),
  tier: text.exactOptional(),
  policy: text.exactOptional(),
  rule: count.describe("Index of the rule in its list").exactOptional(),
  profile: text.exactOptional(),
});
const verdict = z.enum(["allow", "deny", "unknown"]);
const reason = wordOf(VERDICT_REASONS);
const readings = list(z.strictObject({ calico: text, verdict, reason, decidedBy })).exactOptional();
const simulated = z.strictObject({
  id: text,
  verdict,
  reason,
  decidedBy,
  path: list(text).describe("Every step in order"),
  reply: z.strictObject({ verdict, decidedBy }).exactOptional(),
  readings: readings.describe("What each version of Calico that may run does; there when they disagree"),
});

const flowEnd = z.strictObject({ ip: text, port: z.number().nullable().exactOptional() });
const flow = z.strictObject({
  id: text.exactOptional(),
  node: text,
  direction: z.enum(["ingress", "egress", "forward", "local"]),
  interface: text.exactOptional(),
  outInterface: text.exactOptional(),
  protocol: z.union([text, z.number()]),
  source: flowEnd,
  destination: flowEnd,
  dnat: flowEnd.nullable().exactOptional(),
  icmp: z.strictObject({ type: z.number(), code: z.number().exactOptional() }).nullable().exactOptional(),
});
const policies = list(
  z.strictObject({ tier: text, policy: text, directions: list(z.enum(["ingress", "egress"])) }),
);
const explanation = z.strictObject({
  node: text,
  templates: list(z.strictObject({ name: text, nodes: text, selected: z.boolean(), hostEndpoint: text })),
  hostEndpoints: list(
    z.strictObject({
      name: text,
      effective: z.boolean().describe("True when Felix uses it"),
      because: sentence,
      owner: z.enum(["ours", "calico-auto", "other-installation", "unknown"]),
      state: z.enum(["as-desired", "drifted", "missing", "foreign", "unwanted"]),
      interfaceName: text,
      expectedIPs: list(text),
      profiles: list(text),
      labels: texts,
      labelSources: z.record(z.string(), z.enum(["node", "template", "owner", "endpoint"])),
      policies: z.strictObject({
        untracked: policies,
        preDNAT: policies,
        forward: policies,
        normal: policies,
      }),
    }),
  ),
  flows: list(
    z.strictObject({
      id: text,
      flow,
      verdict,
      reason,
      decidedBy,
      readings,
    }),
  ),
  findings: list(finding),
});

const diagnosis = z.strictObject({
  status: z.enum(["healthy", "findings", "unreachable"]),
  server: text,
  hops: list(
    z.strictObject({
      hop: z.enum(HOPS),
      outcome: z.enum(["passed", "failed", "not-reached", "not-tested"]),
      detail: sentence,
    }),
  ),
  kubernetes: z.strictObject({ version: text, user: text, groups: list(text) }),
  calico: z.strictObject({
    group: z.union([group, z.literal("")]),
    version: text,
    nodeImage: text,
    agents: list(
      z.strictObject({
        namespace: text,
        name: text,
        image: text,
        version: text,
        covers: count,
        desired: count,
        ready: count,
      }),
    ),
  }),
  permissions: z.strictObject({ asked: count, granted: count }),
  nodes: z.strictObject({ total: count, protected: count }),
  findings: list(finding),
});

const manifests = z.strictObject({
  formatVersion: version,
  apiVersion: z.literal("v1"),
  kind: z.literal("List"),
  items: list(z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({}) })),
});

/** Which cluster a report is about; `invoke` names the function instead of the server. */
const cluster = z.strictObject({
  server: z.string().startsWith("https://").exactOptional(),
  context: text.exactOptional(),
  eks: z
    .strictObject({ name: text, region: text.exactOptional(), account: text.exactOptional() })
    .exactOptional(),
  function: text.exactOptional(),
});
const versions = z.strictObject({
  formatVersion: version,
  client: z.strictObject({ version: text, commit: text, node: text }),
  server: z.strictObject({ url: text, version: text }).exactOptional(),
  calico: z.strictObject({ version: text, group: text }).exactOptional(),
});

const outcome = z.strictObject({ verdict, reason, decidedBy });
const direction = z.enum(["ingress", "egress"]);
const impact = z.strictObject({
  status: z.enum(["unchanged", "changes", "cuts"]),
  counts: z.strictObject({
    nodes: count,
    governed: count.describe("Nodes that a HostEndpoint governs before or after"),
    essentialCut: count,
    essentialOpened: count,
    trafficChanges: count,
    policiesStarting: count,
    policiesStopping: count,
  }),
  groups: list(z.strictObject({ name: text, nodes: list(text) })).describe("Nodes that are alike"),
  essential: list(
    z.strictObject({
      id: text,
      change: z.enum(["cut", "may-be-cut", "opened"]),
      nodes: list(text),
      before: verdict,
      after: verdict,
      flow: flow.describe("One packet for which it is so"),
      reason,
      decidedBy,
      message: sentence,
      fix: sentence,
    }),
  ),
  traffic: list(
    z.strictObject({
      nodes: list(text),
      direction: z.enum(["ingress", "egress", "to-pods", "from-pods", "to-services"]),
      protocol: z.union([text, z.number()]),
      ports: list(text).describe("22, 80-90; empty for protocols without ports"),
      before: outcome,
      after: outcome,
      example: flow,
      peers: count.describe("Classes of other addresses for which it is so"),
    }),
  ),
  policies: list(
    z.strictObject({
      policy: text,
      tier: text,
      change: z.enum(["starts", "stops"]),
      directions: list(direction),
      nodes: list(text),
    }),
  ),
  findings: list(finding),
});

export const reportShape = z.strictObject({
  formatVersion: version,
  cluster: cluster.exactOptional(),
  ...report.shape,
});
export const explanationShape = z.strictObject({ formatVersion: version, ...explanation.shape });
export const diagnosisShape = z.strictObject({ formatVersion: version, ...diagnosis.shape });
export const simulationShape = list(
  z.strictObject({
    formatVersion: version,
    ...simulated.shape,
    expected: verdict.describe("What the flow's `expect` says; with --expect").exactOptional(),
  }),
);
export const impactShape = z.strictObject({ formatVersion: version, ...impact.shape });
export const manifestsShape = manifests;

/** Name of a schema in docs/schemas/ -> what it describes, and the commands and functions that answer with it. */
export const OUTPUTS = {
  report: { shape: reportShape, of: ["plan", "reconcile", "adopt", "release", "confirm-deletes"] },
  explanation: { shape: explanationShape, of: ["explain"] },
  diagnosis: { shape: diagnosisShape, of: ["doctor"] },
  simulation: { shape: simulationShape, of: ["simulate"] },
  impact: { shape: impactShape, of: ["impact"] },
  versions: { shape: versions, of: ["version"] },
  manifests: { shape: manifestsShape, of: ["baseline", "rbac"] },
} as const satisfies {
  readonly [name: string]: { readonly shape: z.ZodType; readonly of: readonly string[] };
};

type Same<A, B> = [A, B] extends [B, A] ? true : { readonly differ: [A, B] };
const held: [
  Same<z.output<typeof report>, Report>,
  Same<z.output<typeof explanation>, Explanation>,
  Same<z.output<typeof diagnosis>, Diagnosis>,
  Same<z.output<typeof simulated>, SimulatedFlow>,
  Same<z.output<typeof impact>, Impact>,
] = [true, true, true, true, true];
void held;
