/** One program that the supervisor runs; its output goes to `NAME.log` in the folder. */
export type SupervisedProgram = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
};

/** What the supervisor is told: programs that live and die together, and the folder that dies with them. */
export type SupervisedPrograms = {
  readonly folder: string;
  readonly programs: readonly SupervisedProgram[];
};
