/**
 * The fences of design.md, section 3: who may import whom. `npm run check` holds them; test/unit/house/fences.test.ts
 * proves that each one bites.
 */
const ROOMS = ["trigger", "scope", "snapshot", "desired", "plan", "guard", "apply", "report", "lifecycle"];

/** A room may import the rooms before it in the sentence, never those after it. */
const downstream = ROOMS.map((room, index) => ({
  name: `${room}-imports-upstream-only`,
  severity: "error",
  from: { path: `^lib/${room}/` },
  to: {
    path: `^lib/(${[...ROOMS.slice(index + 1), "reconcile", "release", "doctor", "explain", "baseline", "simulate"].join("|")})/`,
  },
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
      name: "policy-is-pure",
      severity: "error",
      from: { path: "^lib/policy/" },
      to: { path: "^(lib|functions|infra|test)/", pathNot: "^lib/(policy|model|names)/" },
    },
    {
      name: "policy-needs-no-package-but-addresses",
      severity: "error",
      from: { path: "^lib/policy/" },
      to: { path: "node_modules", pathNot: "node_modules/ipaddr\\.js" },
    },
    ...downstream,
    {
      name: "rooms-know-no-gateway",
      severity: "error",
      from: {
        path: `^lib/(${[...ROOMS, "reconcile", "release", "doctor", "explain", "baseline", "simulate", "policy"].join("|")})/`,
      },
      to: { path: "^lib/(kubernetes|aws|observability)/" },
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
      from: { path: "^infra/" },
      to: { path: "^(lib|functions|test)/", pathNot: "^lib/(names|config)/|^functions/local/bundle" },
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
