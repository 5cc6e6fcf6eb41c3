import { open } from "node:fs/promises";

/** One request as kube-apiserver's audit log recorded it. */
export type LoggedRequest = {
  /** Kubernetes verb: get, list, watch, create, update, patch, delete, deletecollection; for other paths the HTTP method in lower case. */
  readonly verb: string;
  /** Plural name with its subresource (`nodes`, `nodes/status`); empty for paths that are no resource, as discovery. */
  readonly resource: string;
  /** API group of the resource; empty for the core group and for paths that are no resource. */
  readonly group: string;
  readonly name: string;
  readonly namespace: string;
  /** Path with query, as it was sent. */
  readonly uri: string;
  readonly user: string;
  readonly userAgent: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Time from the request's arrival to the end of its answer; for a watch that still runs, to its beginning. */
  readonly milliseconds: number;
};

/** Which requests to look at; a field that is absent excludes nothing. */
export type RequestFilter = {
  readonly user?: string;
  readonly verb?: string;
  readonly resource?: string;
  readonly group?: string;
};

/** What was asked of the API server since the start or the last `reset`. The server's own traffic is never in it. */
export type RequestLog = {
  /**
   * Requests in the order in which they were answered. Without `user` in the filter the admin's requests are left out,
   * because these arrange the world and are not the code under test.
   */
  readonly list: (filter?: RequestFilter) => Promise<readonly LoggedRequest[]>;
  /** Number of requests by `verb resource`, such as `list hostendpoints`; discovery counts as `get /apis`. Sorted by key. */
  readonly count: (filter?: RequestFilter) => Promise<Readonly<Record<string, number>>>;
  /** Forgets what was asked so far. */
  readonly reset: () => Promise<void>;
};

type AuditEvent = {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username?: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly name?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
};

const settleAttempts = 100;
const settlePauseMilliseconds = 10;

/**
 * Reads the audit log that kube-apiserver writes to `file` in blocking mode. The server writes a line as soon as the
 * request's handler is done, which for a large answer is a moment after the client has all of it. So each read first sends
 * a request of its own by `sendMarker`, and waits until that one is in the log.
 */
export function requestLog(
  file: string,
  adminName: string,
  sendMarker: (uri: string) => Promise<void>,
): RequestLog {
  const events = new Map<string, AuditEvent>();
  /** Watches that ran at a reset: their end is written later and is not a new request. */
  const forgotten = new Set<string>();
  let offset = 0;
  let markers = 0;

  /** Takes in what was written since the last call; a line that is not whole yet is left for the next call. */
  const readOn = async (): Promise<void> => {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(size - offset);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      offset += end;
      for (const line of buffer.toString("utf8", 0, end).split("\n")) {
        if (line === "") continue;
        const event = JSON.parse(line) as AuditEvent;
        // A watch is recorded when it begins and when it ends: one request.
        if (!forgotten.has(event.auditID)) events.set(event.auditID, event);
      }
    } finally {
      await handle.close();
    }
  };

  const settle = async (): Promise<void> => {
    markers += 1;
    const uri = `/version?request-log-marker=${markers}`;
    await sendMarker(uri);
    for (let attempt = 0; attempt < settleAttempts; attempt += 1) {
      await readOn();
      const found = [...events.values()].find(({ requestURI }) => requestURI === uri);
      if (found !== undefined) {
        events.delete(found.auditID);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, settlePauseMilliseconds));
    }
    throw new Error("kube-apiserver did not write its audit log within a second");
  };

  const list = async (filter: RequestFilter = {}): Promise<readonly LoggedRequest[]> => {
    await settle();
    return [...events.values()]
      .map(toLoggedRequest)
      .filter(({ user }) => (filter.user === undefined ? user !== adminName : user === filter.user))
      .filter(
        (request) =>
          (filter.verb === undefined || request.verb === filter.verb) &&
          (filter.resource === undefined || request.resource === filter.resource) &&
          (filter.group === undefined || request.group === filter.group),
      );
  };

  return {
    list,
    count: async (filter) => {
      const counts = new Map<string, number>();
      for (const { verb, resource, uri } of await list(filter)) {
        const key = `${verb} ${resource === "" ? new URL(uri, "https://server").pathname : resource}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    reset: async () => {
      await settle();
      for (const { auditID, stage } of events.values())
        if (stage === "ResponseStarted") forgotten.add(auditID);
      events.clear();
    },
  };
}

function toLoggedRequest(event: AuditEvent): LoggedRequest {
  const { resource = "", subresource, apiGroup = "", name = "", namespace = "" } = event.objectRef ?? {};
  return {
    verb: event.verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    group: apiGroup,
    name,
    namespace,
    uri: event.requestURI,
    user: event.user.username ?? "",
    userAgent: event.userAgent ?? "",
    status: event.responseStatus?.code ?? 0,
    milliseconds: Date.parse(event.stageTimestamp) - Date.parse(event.requestReceivedTimestamp),
  };
}
