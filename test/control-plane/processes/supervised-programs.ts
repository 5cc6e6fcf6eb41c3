/** One program that the supervisor runs; its output goes to `NAME.log` in the folder. */
export type SupervisedProgram = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Where it runs; the folder when absent. */
  readonly workingFolder?: string;
  /** Added to the environment of the supervisor, which is its owner's. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** What the supervisor is told: programs that live and die together, and the folder that dies with them. */
export type SupervisedPrograms = {
  readonly folder: string;
  readonly programs: readonly SupervisedProgram[];
};

/** How a supervisor ends. Only `ownerLeft` removes the folder: after the others the owner still reads the logs. */
export const exitCodes = { ownerLeft: 0, programFailed: 1, programSucceeded: 3 } as const;
