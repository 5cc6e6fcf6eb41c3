/** Failures that a test asks the in-memory cluster for, in the words of `lib/model/errors.ts`. */
import {
  ConflictError,
  DeniedError,
  ExpiredError,
  InvalidError,
  NotFoundError,
  ThrottledError,
  UnreachableError,
} from "../../lib/model/errors.ts";

export type Call = {
  readonly verb: "get" | "list" | "create" | "update" | "delete";
  /** `nodes`, `hostendpoints`, `/apis`. */
  readonly resource: string;
  readonly name?: string;
  /** Of a list, from 1. */
  readonly page?: number;
};

const kinds = {
  unauthorized: () => new DeniedError("injected 401", 401),
  forbidden: () => new DeniedError("injected 403", 403),
  "not-found": () => new NotFoundError("injected 404"),
  conflict: () => new ConflictError("injected 409"),
  expired: () => new ExpiredError("injected 410"),
  invalid: () => new InvalidError("injected 422"),
  throttled: () => new ThrottledError("injected 429", 1),
  "server-error": () => new UnreachableError("injected 500", "server"),
  timeout: () => new UnreachableError("injected timeout", "timeout"),
  reset: () => new UnreachableError("injected reset", "tcp"),
  "broken-json": () => new UnreachableError("injected broken JSON", "protocol"),
} as const;

/** Fields that are left out match anything. */
export type Fault = Partial<Call> & {
  readonly as: keyof typeof kinds;
  /** How many calls fail; default all. */
  readonly times?: number;
  /** `after`: the write is done and only its answer is lost. Default before. */
  readonly moment?: "before" | "after";
};

export function createFaults() {
  const active = new Map<Fault, number>();
  return {
    add: (fault: Fault) => {
      active.set(fault, fault.times ?? Number.POSITIVE_INFINITY);
      return () => {
        active.delete(fault);
      };
    },
    /** Throws when a fault matches. */
    strike: (call: Call, moment: "before" | "after") => {
      for (const [fault, left] of active) {
        if (left <= 0 || (fault.moment ?? "before") !== moment || !matches(fault, call)) continue;
        active.set(fault, left - 1);
        throw kinds[fault.as]();
      }
    },
    isRestartable: (error: unknown) => error instanceof ExpiredError,
  };
}

function matches(fault: Fault, call: Call): boolean {
  return (["verb", "resource", "name", "page"] as const).every(
    (field) => fault[field] === undefined || fault[field] === call[field],
  );
}
