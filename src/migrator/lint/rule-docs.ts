/** Where the page of a rule is. */

export function docsPathOf(rule: string): string {
  return `docs/lint/${rule}.md`;
}
