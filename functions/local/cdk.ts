/**
 * Way in for `npm run synth|diff|deploy|destroy -- NAME`. Here, and not in infra, because checking a selector is the business of
 * `lib/policy`, which infra may not know: it shares only names and the settings schema with the code.
 */
import { runCdk } from "../../infra/cdk.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";

process.exitCode = await runCdk(process.argv.slice(2), checkSelector);
