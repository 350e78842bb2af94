/**
 * A lint report as SARIF 2.1.0, which code review tools show beside the lines. Paths are relative to the checkout; what a
 * comment or the runbook allows is there too, as suppressed.
 */
import type { AllowedFinding, Finding, LintReport, RuleAbout } from '../../model/lint.ts';

export interface SarifInput {
  readonly report: LintReport;
  /** All that were asked, found or not. */
  readonly rules: readonly RuleAbout[];
  readonly toolVersion: string;
}

/** A JSON-safe value. */
export function lintSarif({ report, rules, toolVersion }: SarifInput): object {
  const place = new Map(rules.map(({ name }, index) => [name, index]));
  const results = [...report.findings, ...report.allowed].map((one) => resultOf(one, place));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'drydock', semanticVersion: toolVersion, rules: rules.map(ruleOf) } },
        columnKind: 'unicodeCodePoints',
        originalUriBaseIds: { CHECKOUT: { description: { text: 'The checkout that holds the migrations.' } } },
        results,
      },
    ],
  };
}

function ruleOf({ name, title, severity, why, docs }: RuleAbout): object {
  return {
    id: name,
    shortDescription: { text: title },
    fullDescription: { text: why },
    defaultConfiguration: { level: severity },
    help: { text: why, markdown: `${why}\n\n[${docs}](${docs})` },
    helpUri: docs,
  };
}

const KINDS = { comment: 'inSource', runbook: 'external' } as const;

function resultOf(finding: Finding | AllowedFinding, place: ReadonlyMap<string, number>): object {
  const { rule, severity, message, instead, file, line, column, excerpt } = finding;
  const text = `${message}.${instead === null ? '' : `\nInstead:\n${instead}`}`;
  const region = { startLine: line, startColumn: column, snippet: { text: excerpt } };
  return {
    ruleId: rule,
    ...(place.has(rule) ? { ruleIndex: place.get(rule) } : {}),
    level: severity,
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: artifact(file), region } }],
    partialFingerprints: { 'drydock/v1': `${rule}:${file}:${excerpt.trim()}` },
    ...('reason' in finding
      ? { suppressions: [{ kind: KINDS[finding.by], status: 'accepted', justification: finding.reason }] }
      : {}),
  };
}

/** An absolute path stands for itself. */
function artifact(file: string): object {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: 'CHECKOUT' };
}
