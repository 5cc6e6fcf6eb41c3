/**
 * What the CDK command line starts (cdk.json). Here, and not in infra, because checking a selector is the business of
 * `lib/policy`, which infra may not know.
 */
import { synthesizeApp } from "../../infra/app.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";

const app = await synthesizeApp(checkSelector);
if (!app.ok) {
  process.stderr.write(`${app.message}\n`);
  process.exitCode = 64;
} else if (app.stacks.length === 0)
  process.stderr.write(
    "No cluster has settings yet, so there is no stack: npm run --silent hepctl -- init --cluster NAME --region REGION\n",
  );
