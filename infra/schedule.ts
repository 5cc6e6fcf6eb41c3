/**
 * How far apart the runs of a schedule lie. Alarms ("no successful run for two intervals") and the age at which an
 * event is no longer worth delivering are derived from it.
 *
 * In: `rate(5 minutes)` or an EventBridge cron expression (six fields, UTC). Out: the longest gap in seconds, or what is wrong.
 * Must never happen: a schedule that EventBridge would refuse, or that never runs, gets as far as a deployment.
 * Source: EventBridge Scheduler user guide, "Schedule types" (rate-based, cron-based).
 */
export type Interval =
  { readonly ok: true; readonly longestSeconds: number } | { readonly ok: false; readonly problem: string };

const UNIT_SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

/** The longest time between two runs. A cron expression is played through two years, 2028 and its leap day included. */
export function intervalOf(expression: string): Interval {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) {
    const [value, unit] = [Number(rate[1]), rate[2] as keyof typeof UNIT_SECONDS];
    // EventBridge minds its grammar (EventBridge user guide, "Rate expressions").
    if ((value === 1) === (rate[3] === "s"))
      return problem(`AWS wants rate(${value} ${unit}${value === 1 ? "" : "s"})`);
    return { ok: true, longestSeconds: value * UNIT_SECONDS[unit] };
  }
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields === undefined) return problem("neither rate(...) nor cron(...)");
  if (fields.length !== 6)
    return problem(
      `cron(...) has six fields (minute hour day-of-month month day-of-week year), this one has ${fields.length}`,
    );
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    return problem("exactly one of day-of-month and day-of-week must be ?");
  try {
    return longestGap({
      minutes: values(minute, 0, 59),
      hours: values(hour, 0, 23),
      months: values(month, 1, 12, MONTHS),
      years: values(year, 1970, 2199),
      matchesDay: dayOfMonth === "?" ? dayOfWeekMatcher(dayOfWeek) : dayOfMonthMatcher(dayOfMonth),
    });
  } catch (error) {
    if (error instanceof FieldError) return problem(error.message);
    throw error;
  }
}

/** One cron field that cannot be read. */
class FieldError extends Error {
  constructor(field: string) {
    super(`cannot read the cron field "${field}"`);
    this.name = "FieldError";
  }
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const DAY_MINUTES = 24 * 60;

function problem(text: string): Interval {
  return { ok: false, problem: text };
}

/** Lists, ranges, steps and names: `*`, `0/5`, `10-20/2`, `MON-FRI`. */
function values(field: string, from: number, to: number, names: readonly string[] = []): ReadonlySet<number> {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named === -1 ? Number(/^\d+$/.exec(text)?.[0]) : named + from;
    if (!(value >= from && value <= to)) throw new FieldError(field);
    return value;
  };
  const result = new Set<number>();
  for (const part of field.split(",")) {
    const [, base = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [first, last] =
      base === "*"
        ? [from, to]
        : base.includes("-")
          ? base.split("-", 2).map(number)
          : [number(base), step === undefined ? number(base) : to];
    const stride = Number(step ?? 1);
    if (first === undefined || last === undefined || last < first || stride < 1) throw new FieldError(field);
    for (let value = first; value <= last; value += stride) result.add(value);
  }
  return result;
}

type DayMatcher = (day: Date) => boolean;

/** Days of the month, `L` (the last), `LW` (the last weekday) and `15W` (the weekday nearest to the 15th). */
function dayOfMonthMatcher(field: string): DayMatcher {
  if (field === "L") return (day) => day.getUTCDate() === lengthOfMonth(day);
  if (field === "LW") return (day) => day.getUTCDate() === nearestWeekday(day, lengthOfMonth(day));
  const weekday = /^(\d+)W$/.exec(field)?.[1];
  if (weekday !== undefined) {
    const [wanted = 1] = values(weekday, 1, 31);
    return (day) => wanted <= lengthOfMonth(day) && day.getUTCDate() === nearestWeekday(day, wanted);
  }
  const days = values(field, 1, 31);
  return (day) => days.has(day.getUTCDate());
}

/** Days of the week (1 = Sunday), `6L` (the last Friday) and `2#1` (the first Monday). */
function dayOfWeekMatcher(field: string): DayMatcher {
  const [, name, last, ordinal] = /^(\w+?)(?:(L)|#([1-5]))$/.exec(field) ?? [];
  if (name !== undefined) {
    const [wanted] = values(name, 1, 7, WEEKDAYS);
    return (day) =>
      day.getUTCDay() + 1 === wanted &&
      (last === undefined
        ? Math.ceil(day.getUTCDate() / 7) === Number(ordinal)
        : day.getUTCDate() + 7 > lengthOfMonth(day));
  }
  const days = values(field === "L" ? "7" : field, 1, 7, WEEKDAYS);
  return (day) => days.has(day.getUTCDay() + 1);
}

function lengthOfMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The weekday of `day`'s month that is nearest to `wanted`, without leaving the month. */
function nearestWeekday(day: Date, wanted: number): number {
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), wanted)).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === lengthOfMonth(day) ? wanted - 2 : wanted + 1;
  return wanted;
}

type Calendar = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  readonly matchesDay: DayMatcher;
};

function longestGap(calendar: Calendar): Interval {
  const minutesOfDay = [...calendar.hours]
    .flatMap((hour) => [...calendar.minutes].map((minute) => hour * 60 + minute))
    .sort((left, right) => left - right);
  let longest = 0;
  let previous: number | undefined;
  for (let dayNumber = 0; dayNumber < 731; dayNumber += 1) {
    const day = new Date(Date.UTC(2027, 0, 1 + dayNumber));
    if (!calendar.years.has(day.getUTCFullYear()) || !calendar.months.has(day.getUTCMonth() + 1)) continue;
    if (!calendar.matchesDay(day)) continue;
    for (const minute of minutesOfDay) {
      const now = dayNumber * DAY_MINUTES + minute;
      if (previous !== undefined) longest = Math.max(longest, now - previous);
      previous = now;
    }
  }
  return longest === 0
    ? problem("runs less than twice in 2027 and 2028")
    : { ok: true, longestSeconds: longest * 60 };
}
