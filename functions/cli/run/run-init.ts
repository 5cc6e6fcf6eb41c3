/** `hepctl init`: what AWS says of a cluster -> the first settings file. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { startingSettings, type KnownOfCluster } from "../../../lib/init/starting-settings.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import { clock } from "../../shared/compose-cli.ts";
import { lookAtCluster } from "../../shared/compose-eks.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { printResult } from "../output/print-result.ts";

const SCHEMA = "settings.schema.json";

/** @throws UsageError when the file is there already; NotFoundError when AWS answers and has no such cluster: nothing is written then. */
export async function runInit(invocation: Invocation, { terminal, environment }: CliContext): Promise<void> {
  const { cluster, region = environment.awsRegion, profile, roleArn, output } = invocation.global;
  if (cluster === undefined) throw new UsageError("which cluster? add --cluster NAME (and --region REGION)");
  refuseOddWords(cluster, region);
  const place = placeOf(invocation.text("out"), cluster);
  if (place.file !== "-" && existsSync(place.file)) throw alreadyThere(place.file);
  const { problems, ...known } = await lookAtCluster(
    {
      cluster,
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      ...(roleArn === undefined ? {} : { roleArn }),
    },
    clock,
    AbortSignal.timeout(invocation.global.timeoutMilliseconds),
  );
  const found: KnownOfCluster = { name: cluster, ...known };
  const { text, fillIn, notes } = startingSettings(found, place.schema);
  if (place.file === "-") terminal.out.write(text);
  else await writeNew(place.file, text);
  for (const note of [...problems, ...notes]) terminal.err.write(`note: ${note}\n`);
  if (fillIn.length > 0) terminal.err.write(`fill in: ${fillIn.join(", ")}\n`);
  if (place.file === "-") return;
  await printResult(
    { file: place.file, cluster: found, fillIn, notes: [...problems, ...notes], next: place.next },
    output,
    terminal.out,
    (it) => `wrote ${it.file}; next: ${it.next}`,
  );
}

/** What the schema would refuse later in the file, refused before anything is asked or written. */
function refuseOddWords(name: string, region: string | undefined): void {
  const { cluster } = settingsSchema.shape;
  const wrong = cluster.safeParse({ name, region: region ?? "eu-west-1", account: "111122223333" });
  const [issue] = wrong.error?.issues ?? [];
  if (issue !== undefined)
    throw new UsageError(`--${issue.path.join(".") === "name" ? "cluster" : "region"}: ${issue.message}`);
}

type Place = { readonly file: string; readonly schema: string | undefined; readonly next: string };

/** In a clone among the settings of the other clusters, which is where `npm run deploy` looks; else here. */
function placeOf(out: string | undefined, cluster: string): Place {
  const clone = cloneAround(process.cwd());
  const folder = clone === undefined ? undefined : join(clone, "infra", "clusters");
  const file = out ?? relative("", join(folder ?? "", `${cluster}.yaml`));
  const isDeployable = folder !== undefined && join(process.cwd(), dirname(file)) === folder;
  return {
    file,
    schema: isDeployable ? SCHEMA : undefined,
    next: isDeployable ? `npm run deploy -- ${cluster}` : `hepctl plan --config ${file}`,
  };
}

function cloneAround(folder: string): string | undefined {
  if (existsSync(join(folder, "infra", "clusters", SCHEMA))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : cloneAround(parent);
}

/** Exclusive: of two that write at the same time one is refused. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "EEXIST") throw alreadyThere(file);
    throw new UsageError(
      code === "ENOENT"
        ? `${file}: there is no folder ${dirname(file)}`
        : `${file} cannot be written (${code})`,
      { cause },
    );
  }
}

function alreadyThere(file: string): UsageError {
  return new UsageError(
    `${file} is there already and stays as it is; move it away, or choose another with --out`,
  );
}
