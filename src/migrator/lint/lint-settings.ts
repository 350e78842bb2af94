/** What a runbook says of rules, laid over what they have found: another severity, or nothing but a note that it is off. */
import type { AllowedFinding, Finding, LintSettings, Severity } from '../../model/lint.ts';
import type { Judged } from './judge-comments.ts';

const SEVERITIES: Readonly<Record<'warn' | 'error', Severity>> = { warn: 'warning', error: 'error' };

/** What a comment allows stays allowed by that comment. */
export function withSettings({ findings, allowed }: Judged, settings: LintSettings | undefined): Judged {
  if (!settings) return { findings, allowed };
  const kept: Finding[] = [];
  const off: AllowedFinding[] = [];
  for (const finding of findings) {
    const setting = settings.rules[finding.rule];
    if (setting?.level === 'off') off.push({ ...finding, reason: setting.reason, by: 'runbook' });
    else kept.push(setting ? { ...finding, severity: SEVERITIES[setting.level] } : finding);
  }
  return { findings: kept, allowed: [...allowed, ...off] };
}
