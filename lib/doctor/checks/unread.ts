import type { Check } from "../facts.ts";

/** What could not be read. A missing permission has a finding of its own, with the fix. */
export const unreadCheck: Check = ({ unread }) =>
  unread.map(({ what, because }) => ({
    severity: "error",
    code: "unread",
    object: "Cluster/api-server",
    message: `${what} could not be read: ${because}`,
    fix: "",
  }));
