/**
 * The licences of everything that is bundled, as their texts ask for. In: the bill of materials. Out: one text, the same for
 * the same packages. Packages that have the same text share it. Pure.
 *
 * @throws Error for a package that ships no licence text and names no licence whose text is known.
 */
import type { BillOfMaterials, Component, License } from "./bill-of-materials.ts";

export function thirdPartyNotices({ components }: BillOfMaterials): string {
  const apache = components.find((it) => licenceOf(it) === "Apache-2.0" && textsOf(it).length > 0);
  const named = new Map<string, string[]>();
  for (const it of components) {
    const texts = textsOf(it);
    const text = texts.length > 0 ? texts.join("\n\n") : standardText(it, apache);
    named.set(text, [...(named.get(text) ?? []), `${nameOf(it)} (${licenceOf(it)})`]);
  }
  const line = "-".repeat(80);
  return [
    "This package holds code of the packages named here, each under its own licence.\n",
    ...[...named].map(([text, names]) => `${line}\n${names.join("\n")}\n\n${text}\n`),
  ].join("\n");
}

/** The licence that a package names and does not ship. Apache's text names nobody, so it is that of any other package. */
function standardText(component: Component, apache: Component | undefined): string {
  const text =
    licenceOf(component) === "Apache-2.0" && apache !== undefined
      ? textsOf(apache)[0]
      : licenceOf(component) === "MIT" && component.author !== undefined
        ? mitText(component.author)
        : undefined;
  if (text === undefined)
    throw new Error(
      `${nameOf(component)} is bundled, says ${licenceOf(component)} and ships no text of it: see to it by hand`,
    );
  return text;
}

/** https://spdx.org/licenses/MIT.html */
function mitText(author: string): string {
  return `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

function nameOf({ group, name, version }: Component): string {
  return `${group === undefined ? "" : `${group}/`}${name} ${version}`;
}

function licenceOf({ licenses = [] }: Component): string {
  return (
    licenses
      .map((it) => it.expression ?? it.license?.id ?? it.license?.name ?? "")
      .filter((it) => it !== "")
      .join(", ") || "no licence named"
  );
}

function textsOf({ evidence }: Component): readonly string[] {
  return (evidence?.licenses ?? []).flatMap((it: License) => {
    const { content, encoding } = it.license?.text ?? {};
    if (content === undefined) return [];
    const text = encoding === "base64" ? Buffer.from(content, "base64").toString("utf8") : content;
    return [text.replaceAll("\r\n", "\n").trim()];
  });
}
