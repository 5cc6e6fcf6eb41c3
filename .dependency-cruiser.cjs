/**
 * The fences: who may import whom (lib/README.md). `npm run check` holds them; test/unit/house/fences.test.ts proves that each
 * one bites. The lists are read from the folders, so a new room is fenced from its first file on.
 */
const { readdirSync } = require("node:fs");
const { join } = require("node:path");

/** The verbs of the sentence, in its order. */
const SENTENCE = [
  "trigger",
  "scope",
  "snapshot",
  "world",
  "desired",
  "plan",
  "guard",
  "rollout",
  "apply",
  "recheck",
  "report",
  "lifecycle",
];
/** What rooms rest on. `policy` is Calico's decision procedure, a pure function of its own. */
const FOUNDATIONS = ["model", "names", "address", "config", "ports", "policy"];
/** Ways to the outside. */
const GATEWAYS = ["kubernetes", "aws", "observability"];

const folders = readdirSync(join(__dirname, "lib"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
/** Rooms that walk the sentence, or tell people about it: they stand behind all of it. */
const ASKING = folders.filter((name) => ![...SENTENCE, ...FOUNDATIONS, ...GATEWAYS].includes(name));
const ROOMS = [...SENTENCE, ...ASKING];

/** A room may import the rooms before it in the sentence, never those after it. */
const downstream = SENTENCE.map((room, index) => ({
  name: `${room}-imports-upstream-only`,
  severity: "error",
  from: { path: `^lib/${room}/` },
  to: { path: `^lib/(${[...SENTENCE.slice(index + 1), ...ASKING, "reconcile"].join("|")})/` },
}));

module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "model-and-names-import-nothing",
      severity: "error",
      from: { path: "^lib/(model|names)/" },
      to: { pathNot: "^lib/(model|names)/" },
    },
    {
      name: "addresses-know-only-the-model",
      severity: "error",
      from: { path: "^lib/address/" },
      to: { path: "^(lib|functions|infra|test)/", pathNot: "^lib/(address|model|names)/" },
    },
    {
      name: "policy-is-pure",
      severity: "error",
      from: { path: "^lib/policy/" },
      to: { path: "^(lib|functions|infra|test)/", pathNot: "^lib/(policy|address|model|names)/" },
    },
    {
      name: "policy-needs-no-package",
      severity: "error",
      from: { path: "^lib/(policy|address)/" },
      to: { path: "node_modules" },
    },
    ...downstream,
    {
      name: "rooms-know-no-gateway",
      severity: "error",
      from: { path: `^lib/(${[...ROOMS, ...FOUNDATIONS].join("|")})/` },
      to: { path: `^lib/(${GATEWAYS.join("|")})/` },
    },
    {
      name: "gateways-know-no-room-and-not-each-other",
      severity: "error",
      from: { path: "^lib/(kubernetes|aws)/" },
      to: { path: "^lib/", pathNot: "^lib/($1|model|names|ports)/" },
    },
    {
      name: "ports-know-only-the-model",
      severity: "error",
      from: { path: "^lib/ports/" },
      to: { path: "^lib/", pathNot: "^lib/(ports|model|names)/" },
    },
    {
      name: "client-node-lives-in-lib-kubernetes",
      severity: "error",
      from: { path: "^(lib|functions|infra)/", pathNot: "^lib/kubernetes/" },
      to: { path: "node_modules/@kubernetes/client-node" },
    },
    {
      name: "aws-sdk-and-signing-live-in-lib-aws",
      severity: "error",
      from: { path: "^(lib|functions|infra)/", pathNot: "^lib/aws/" },
      to: { path: "node_modules/(@aws-sdk|@smithy)/" },
    },
    {
      name: "only-compose-builds-gateways",
      severity: "error",
      from: { path: "^functions/", pathNot: "^functions/(shared/compose|local/)" },
      to: { path: "^lib/(kubernetes|aws)/" },
    },
    {
      name: "infra-shares-names-and-settings",
      severity: "error",
      from: { path: "^infra/", pathNot: "^infra/construct\\.ts$" },
      to: { path: "^(lib|functions|test)/", pathNot: "^lib/(names|config)/|^functions/local/bundle" },
    },
    {
      name: "the-construct-checks-selectors-itself",
      severity: "error",
      from: { path: "^infra/construct\\.ts$" },
      to: { path: "^(lib|functions|test)/", pathNot: "^lib/(names|config)/|^lib/policy/selector/" },
    },
    {
      name: "code-knows-no-test",
      severity: "error",
      from: { path: "^(lib|functions|infra)/", pathNot: "^functions/local/" },
      to: { path: "^test/" },
    },
    {
      name: "lib-knows-no-function-and-no-infra",
      severity: "error",
      from: { path: "^lib/" },
      to: { path: "^(functions|infra)/" },
    },
    {
      name: "only-the-guard-lets-through",
      severity: "error",
      from: {
        path: "^(lib|functions|infra)/",
        pathNot: "^lib/(guard/guard-plan|plan/give-back|rollout/(roll-back|widen)|apply/apply-plan)\\.ts$",
      },
      to: { path: "^lib/plan/let-through\\.ts$" },
    },
    { name: "nothing-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|cdk\\.out)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
