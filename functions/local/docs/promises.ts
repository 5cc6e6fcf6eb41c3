/**
 * What we promise, the tests that hold it, and where it ends. docs/promises.md is written from here.
 * A row names a test file, and a part of the title of a test in it: a test that is gone takes its promise with it.
 */
export type Held = {
  /** Number of the scenario in docs/needs.md section 6; absent: a law or another promise. */
  readonly scenario?: number;
  readonly promise: string;
  /** File and, where not the whole file holds it, a part of a test's title. */
  readonly held: readonly (readonly [file: string, title?: string])[];
  /** Where the promise ends. */
  readonly limit: string;
};

const scenario = (name: string) => [`test/scenarios/scenario-${name}.test.ts`] as const;

export const PROMISES: readonly Held[] = [
  {
    scenario: 1,
    promise:
      "The first run protects every node and cuts no flow; default deny without a baseline is refused.",
    held: [scenario("01-first-run"), scenario("01-default-deny")],
    limit: "Flows that are neither built in nor named under `essentialFlows` are not looked at.",
  },
  {
    scenario: 2,
    promise:
      "A failsafe list that would lock nodes out is refused, with a patch that keeps the user's entries.",
    held: [scenario("02-failsafe-gap")],
    limit: "Failsafes that a ConfigMap or Secret sets count as none.",
  },
  {
    scenario: 3,
    promise: "A catch-all policy that would begin to hold nodes is named before it does.",
    held: [scenario("03-hidden-catch-all")],
    limit: "A policy that somebody adds later is Calico's to enforce at once; `hepctl impact` looks before.",
  },
  {
    scenario: 4,
    promise: "A canary that falls ill gets its traffic back, and nobody else is touched.",
    held: [scenario("04-canary"), ["test/unit/rollout/rollout-laws.test.ts"]],
    limit: "Ill is: not Ready, lease not renewed, or the probe unanswered.",
  },
  {
    scenario: 5,
    promise: "The break-glass neutralises everything of ours in one run, and scheduled runs stay off.",
    held: [scenario("05-break-glass"), ["test/functions/release.test.ts"]],
    limit: "A node that lost its way to the API server does not learn of it.",
  },
  {
    scenario: 6,
    promise:
      "A profile that cannot be resolved is never written; `doctor` says when Calico is missing or too old.",
    held: [scenario("06-profile-and-calico")],
    limit: "Profiles of namespaces and service accounts do not count as proven.",
  },
  {
    scenario: 7,
    promise: "A list of nodes that fails deletes and creates nothing.",
    held: [scenario("07-node-list-fails")],
    limit: "A server that lies consistently, in list and GET alike, is believed.",
  },
  {
    scenario: 8,
    promise: "A partial or empty list deletes nothing.",
    held: [scenario("08-partial-list"), ["test/unit/kubernetes/list-pages.test.ts"]],
    limit: "As above.",
  },
  {
    scenario: 9,
    promise: "When many nodes vanish at once, deletions stop at the budget.",
    held: [scenario("09-mass-disappearance")],
    limit: "What the budget is, and for how long, `docs/safety.md` says.",
  },
  {
    scenario: 10,
    promise: "The endpoint of a node that is gone goes, after a live GET and with its UID as a condition.",
    held: [scenario("10-scale-in")],
    limit: "Within a sweep interval when every event is lost.",
  },
  {
    scenario: 11,
    promise: "A new machine under an old name gets its endpoint rewritten in place, without the old labels.",
    held: [scenario("11-name-reuse")],
    limit: "Until the first run after it registered, the old endpoint is in force.",
  },
  {
    scenario: 12,
    promise: "A machine that is shutting down keeps its endpoint until its node is gone.",
    held: [scenario("12-terminating-but-alive")],
    limit: "A Node object that nobody deletes keeps its endpoint.",
  },
  {
    scenario: 13,
    promise: "One bad node stays one bad node.",
    held: [scenario("13-one-bad-node"), ["test/unit/laws/one-liar.test.ts"]],
    limit: "An object that Calico cannot digest at all holds back what may tighten, on every node.",
  },
  {
    scenario: 14,
    promise: "Labels follow the Node: added, changed and removed.",
    held: [scenario("14-label-life-cycle")],
    limit: "From the next run on; a change of labels sends no event.",
  },
  {
    scenario: 15,
    promise: "In the steady state nothing is written.",
    held: [scenario("15-steady-state-is-silent"), ["test/unit/laws/second-run.test.ts"]],
    limit: "Canary marks are written while a rollout is under way.",
  },
  {
    scenario: 16,
    promise:
      "A label that the settings do not copy cannot be forged onto an endpoint, and who tries is named.",
    held: [scenario("16-label-forgery")],
    limit: "By default every label is copied; `doctor` names policies that rest on forgeable ones.",
  },
  {
    scenario: 17,
    promise: "`expectedIPs` are the node's own addresses, sorted, without flapping.",
    held: [scenario("17-addresses"), ["test/unit/address/whose-word-counts.test.ts"]],
    limit: "Without EC2's word one of several addresses is chosen, and said so.",
  },
  {
    scenario: 18,
    promise: "Events in any order and number, foreign and unknown ones too, end where a sweep ends.",
    held: [["test/unit/laws/events.test.ts"], ["test/end-to-end/story/story.test.ts"]],
    limit: "What AWS never sends, the schedule finds.",
  },
  {
    scenario: 19,
    promise: "A machine whose Node registers late is waited for, without an alarm.",
    held: [["test/unit/lifecycle/decide.test.ts"], ["test/functions/reconcile.test.ts"]],
    limit: "The hook's own timeout ends the wait.",
  },
  {
    scenario: 20,
    promise: "Two runs at once make no duplicate and end right.",
    held: [scenario("20-overlap"), ["test/unit/laws/interleaving.test.ts"]],
    limit: "Two installations that own the same nodes under one id are one installation.",
  },
  {
    scenario: 21,
    promise: "What is not ours is never changed; which endpoint Felix uses is said; adoption is explicit.",
    held: [
      scenario("21-foreign-endpoints"),
      ["test/unit/laws/boundaries.test.ts", "what is not ours is there afterwards exactly as before"],
    ],
    limit: "Who sets our owner label on an object makes it ours.",
  },
  {
    scenario: 22,
    promise: "One of Calico's API groups is chosen; runs pause while it moves its datastore, and resume.",
    held: [scenario("22-api-groups")],
    limit: "Where both groups are served and nothing tells, nothing is written.",
  },
  {
    scenario: 23,
    promise: "Every failure on the way to the cluster is named by its layer, within the time budget.",
    held: [["test/contract/eks-access.test.ts"], ["test/end-to-end/cli/bad-cluster.test.ts"]],
    limit: "EKS itself is a double here; the tokens are real.",
  },
  {
    scenario: 24,
    promise: "Thousands of nodes fit into one run, and throttling is obeyed.",
    held: [["test/contract/cluster-gateway-faults.test.ts"], ["test/unit/desired/build-desired.test.ts"]],
    limit: "Times are measured by `npm run bench` and gate no test.",
  },
  {
    scenario: 25,
    promise: "Silence alarms; metrics tell; a rename creates before it deletes; destroy does as configured.",
    held: [
      ["test/infra/schedule.test.ts"],
      ["test/unit/observability/metrics-of.test.ts"],
      ["test/unit/plan/compute-plan.test.ts"],
      ["test/infra/cdk-command.test.ts"],
    ],
    limit: "CloudWatch evaluates the alarms; the templates are what is tested.",
  },
  {
    promise: "Law: a second run plans nothing.",
    held: [["test/unit/laws/second-run.test.ts"]],
    limit: "While nobody changes the cluster in between.",
  },
  {
    promise: "Law: no action outside the scope, on a foreign object, or beyond the budget.",
    held: [["test/unit/laws/boundaries.test.ts"]],
    limit: "On fakes; the scenarios play the same on a real API server.",
  },
  {
    promise: "Law: no reachable interleaving of two runs leaves a live node without its endpoint.",
    held: [["test/unit/laws/interleaving.test.ts"]],
    limit: "Two runs; the scenario of overlap plays them on a real API server.",
  },
  {
    promise: "Law: no part of a plan that the guard lets through, in any order, cuts an essential flow.",
    held: [["test/unit/guard/essential-flows-laws.test.ts"]],
    limit: "As far as the decision procedure is Calico's: docs/why-believe-it.md.",
  },
  {
    promise: "Law: explain, simulate and the guard say the same of the same flow.",
    held: [["test/unit/world/same-verdict.test.ts"]],
    limit: "A dump holds what was dumped.",
  },
];
