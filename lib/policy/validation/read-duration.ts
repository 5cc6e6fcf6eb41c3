const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const SIGNED = /^([+-]?)(.+)$/s;
const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const MAXIMUM = (1n << 63n) - 1n;
const MAXIMUM_DIGITS = 40;

/** A duration as Go reads it (`1h2m3.5s`, `0`), in nanoseconds; `undefined` for anything else. Source: Go, time.ParseDuration. */
export function readDuration(text: string): bigint | undefined {
  const [, sign, rest] = SIGNED.exec(text) ?? [];
  if (rest === undefined) return undefined;
  if (rest === "0") return 0n;
  let total = 0n;
  let position = 0;
  while (position < rest.length) {
    PART.lastIndex = position;
    const [part, whole = "", fraction = "", unit = ""] = PART.exec(rest) ?? [];
    const scale = UNITS[unit];
    if (part === undefined || scale === undefined || (whole === "" && fraction === "")) return undefined;
    if (whole.length > MAXIMUM_DIGITS) return undefined;
    const digits = fraction.slice(0, MAXIMUM_DIGITS);
    total += BigInt(whole === "" ? "0" : whole) * scale;
    if (digits !== "") total += (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
    if (total > MAXIMUM + 1n) return undefined;
    position += part.length;
  }
  if (sign === "-") return -total;
  return total > MAXIMUM ? undefined : total;
}

/** The text that Go prints for a duration: `1m30s`, `1.5s`, `100µs`, `0s`. Source: Go, time.Duration.String. */
export function printDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const seconds = size / 1_000_000_000n;
  const hours = seconds / 3_600n;
  const minutes = (seconds / 60n) % 60n;
  const rest = `${decimal(size - (seconds / 60n) * 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${rest}`;
  return minutes > 0n ? `${sign}${minutes}m${rest}` : `${sign}${rest}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, "0")
    .replace(/0+$/, "");
  return digits === "" ? `${value / unit}` : `${value / unit}.${digits}`;
}
