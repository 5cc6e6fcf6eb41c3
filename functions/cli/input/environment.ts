/** The environment variables that the command line itself knows; nobody else in it reads `process.env`. */
export type Environment = {
  readonly noColor: boolean;
  /** `COLUMNS`: the width to use where no terminal says one. */
  readonly columns: number | undefined;
  /** Where EKS is asked when neither `--region` nor the settings say. */
  readonly awsRegion: string | undefined;
  /** Variables of hostendpoint-operator, as they are. Empty counts as absent. */
  readonly operator: OperatorVariables;
};

export const OPERATOR_VARIABLES = [
  "LOG_LEVEL",
  "SCAN_INTERVAL_SECONDS",
  "OPERATOR_ID",
  "NODE_LABELS_INCLUDE_REGEX",
  "NODE_LABELS_EXCLUDE_REGEX",
  "CALICO_API_GROUP",
  "CALICO_API_VERSION",
  "CALICO_PLURAL",
] as const;
export type OperatorVariable = (typeof OPERATOR_VARIABLES)[number];
export type OperatorVariables = Readonly<Partial<Record<OperatorVariable, string>>>;

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const columns = Number(variables["COLUMNS"]);
  return {
    // https://no-color.org: any value but the empty one.
    noColor: (variables["NO_COLOR"] ?? "") !== "" || variables["TERM"] === "dumb",
    columns: Number.isInteger(columns) && columns > 0 ? columns : undefined,
    awsRegion: variables["AWS_REGION"] || variables["AWS_DEFAULT_REGION"] || undefined,
    operator: Object.fromEntries(
      OPERATOR_VARIABLES.flatMap((name) => {
        const value = variables[name]?.trim();
        return value === undefined || value === "" ? [] : [[name, value]];
      }),
    ),
  };
}
