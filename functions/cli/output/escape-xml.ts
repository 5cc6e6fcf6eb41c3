/** Text inside XML 1.0. What XML has no place for is left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[<>&"']/g, (it) => `&#${it.charCodeAt(0)};`);
}
