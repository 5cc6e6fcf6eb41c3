import type { Check } from "../facts.ts";

/** What a plan's guard says: foreign endpoints and who wins, Calico's own creation, policies, profiles. */
export const guardFindingsCheck: Check = ({ plan }) => plan?.report.findings ?? [];
