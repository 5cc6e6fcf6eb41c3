/**
 * Way in for `npm run bootstrap|synth|diff|deploy|destroy -- NAME`. Here, and not in infra, because checking a selector is the
 * business of `lib/policy`, and asking AWS that of `lib/aws`: infra shares only names and the settings schema with the code.
 */
import { runCdk } from "../../infra/cdk.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";
import { checkDeployment } from "./check-deployment.ts";

process.exitCode = await runCdk(process.argv.slice(2), { checkSelector, checkDeployment });
