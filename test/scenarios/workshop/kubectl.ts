/**
 * A stand-in for kubectl: the verbs of docs/workshop.md and not one more, against a real API server.
 *
 * It says what kubectl says, refuses what kubectl refuses, and ends with 64 for everything that it does not know: a command
 * that nobody tried must not pass.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { connect } from "./kubectl/api-server.ts";
import { FailedRequest, UnknownToStandIn } from "./kubectl/failures.ts";
import { discover } from "./kubectl/resources.ts";
import { apply, deleteFile, get, label, patch, type Cluster } from "./kubectl/verbs.ts";

type Options = {
  readonly filename?: string;
  readonly output?: string;
  readonly patch?: string;
  readonly type?: string;
};

/** What a command line asks for. @throws UnknownToStandIn */
function understand(args: readonly string[]): (cluster: Cluster) => Promise<void> {
  const { values, positionals } = parse(args);
  const given = Object.keys(values).sort().join(" ");
  const [verb, ...words] = positionals;
  const [type, name, ...rest] = words;
  const { filename, output, patch: patchText } = values;
  switch (`${verb} ${given}`.trim()) {
    case "apply filename":
      if (filename !== undefined && type === undefined) return (cluster) => apply(filename, cluster);
      break;
    case "delete filename":
      if (filename !== undefined && type === undefined) return (cluster) => deleteFile(filename, cluster);
      break;
    case "label":
      if (type !== undefined && name !== undefined && rest.length > 0)
        return (cluster) => label(type, name, rest, cluster);
      break;
    case "patch patch type":
      if (type !== undefined && name !== undefined && patchText !== undefined && values.type === "merge")
        return (cluster) => patch(type, name, patchText, cluster);
      break;
    case "get output":
      if (type !== undefined && output !== undefined && rest.length === 0)
        return (cluster) => get(type, name, output, cluster);
      break;
  }
  throw new UnknownToStandIn(args.join(" "));
}

function parse(args: readonly string[]): {
  readonly values: Options;
  readonly positionals: readonly string[];
} {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        filename: { type: "string", short: "f" },
        output: { type: "string", short: "o" },
        patch: { type: "string", short: "p" },
        type: { type: "string" },
      },
    });
  } catch (error) {
    throw new UnknownToStandIn(args.join(" "), { cause: error });
  }
}

async function run(args: readonly string[]): Promise<void> {
  const command = understand(args);
  const kubeconfig = process.env["KUBECONFIG"];
  if (kubeconfig === undefined) throw new UnknownToStandIn("to work without KUBECONFIG");
  const server = await connect(kubeconfig);
  try {
    await command({
      server,
      resources: await discover(server),
      print: (line) => process.stdout.write(`${line}\n`),
      printRaw: (text) => process.stdout.write(text),
      warn: (line) => process.stderr.write(`${line}\n`),
    });
  } finally {
    await server.close();
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof UnknownToStandIn) {
    process.stderr.write(`this kubectl is a stand-in and does not know: ${error.message}\n`);
    process.exitCode = 64;
  } else if (error instanceof FailedRequest) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
