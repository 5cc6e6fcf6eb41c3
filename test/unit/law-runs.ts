/** Cases of a law: few enough for every run of the tests, and as many as `LAW_RUNS` says on demand. */
export function lawRuns(usual = 1_000): number {
  return Number(process.env["LAW_RUNS"] ?? usual);
}
