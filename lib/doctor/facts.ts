import type { Settings } from "../config/settings.ts";
import type { CalicoFacts } from "../model/calico-agent.ts";
import type { Finding } from "../model/finding.ts";
import type { InstallationFacts } from "../model/installation.ts";
import type { Report } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** What the checks look at: read once, whole or with the reason why not. */
export type DoctorFacts = {
  readonly settings: Settings;
  readonly kubernetesVersion: string;
  readonly identity: { readonly user: string; readonly groups: readonly string[] };
  readonly permissions: readonly PermissionFact[];
  /** Who enforces, and which Calico; undefined when it could not be read. */
  readonly calico: CalicoFacts | undefined;
  /** What a plan found, and the snapshot that it was made from; undefined when the cluster could not be read whole. */
  readonly plan: { readonly report: Report; readonly snapshot: Snapshot } | undefined;
  /** What could not be read, one sentence each. */
  readonly unread: readonly UnreadFact[];
  /** What AWS says of the deployed installation; undefined when the way in is not by EKS. */
  readonly installation?: InstallationFacts;
};

export type PermissionFact = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
  readonly allowed: boolean;
};

export type UnreadFact = { readonly what: string; readonly because: string };

/** Looks at the facts, and says what a person should know. Pure. */
export type Check = (facts: DoctorFacts) => readonly Finding[];
