// One link: <target> and its parameters, up to the comma before the next link. Quoted values may hold commas.
const linkPattern = /<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;<>]*))?)*)/g;
const relPattern = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i;

/**
 * The target of the first link with `rel=next`, as it stands there; undefined on the last page.
 * {@link https://www.rfc-editor.org/rfc/rfc8288#section-3}
 */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(linkPattern)) {
    const rel = relPattern.exec(parameters);
    const relations = (rel?.[1] ?? rel?.[2] ?? "").toLowerCase().split(/\s+/);
    if (relations.includes("next")) return target;
  }
  return undefined;
}
