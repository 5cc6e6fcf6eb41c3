import { CLUSTER_FINDINGS } from "./cluster-findings.ts";
import { GUARD_FINDINGS } from "./guard-findings.ts";
import { INSTALLATION_FINDINGS } from "./installation-findings.ts";
import { OBJECT_FINDINGS } from "./object-findings.ts";

/**
 * Every code that a finding can have; docs/findings.md is written from here (`npm run docs`).
 * A new one is one entry in the file of its subject: the types of findings follow, and the code must then be used.
 */
export const FINDINGS = {
  ...GUARD_FINDINGS,
  ...CLUSTER_FINDINGS,
  ...OBJECT_FINDINGS,
  ...INSTALLATION_FINDINGS,
} as const;

export type FindingCode = keyof typeof FINDINGS;
/** The severities that a code can have. */
export type SeverityOf<C extends FindingCode> = keyof (typeof FINDINGS)[C]["severity"];
