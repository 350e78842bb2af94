/** Puts the report together: which sections there are, in which order. What each says is in its own file. */
import type { RunEvent } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import { paragraph, type ReportDocument, type Section, type Tone } from './document.ts';
import { outcomeMeaning, outcomeTone } from './outcome-words.ts';
import { eventSection, messageSection } from './sections/events.ts';
import { checklistSection, itemSections, waiverSection } from './sections/items.ts';
import { planSection } from './sections/plan.ts';
import { proofSection } from './sections/proof.ts';
import { summarySection, targetSection } from './sections/summary.ts';
import { spansOf, stretchesOf } from './timeline.ts';

/** What a report is made of. `events` may be empty where they could not be read; `plan` is null where none was made. */
export interface ReportInput {
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  readonly plan: Plan | null;
}

export function reportDocument(input: ReportInput): ReportDocument {
  const { state } = input;
  return {
    title: `${state.operation} of ${state.runbook} on ${state.target}`,
    verdict: verdict(state),
    sections: [
      summarySection(input),
      timelineSection(input),
      targetSection(input),
      planSection(input),
      checklistSection(input),
      waiverSection(input),
      ...itemSections(input),
      proofSection(input),
      messageSection(input),
      signSection(),
      eventSection(input),
    ].filter((section) => section !== null),
    footer: `Drydock report, schema 1. Times are UTC. Run ${state.runId} of workflow ${state.workflowId}, ${state.seq} events.`,
  };
}

function verdict(state: RunState): ReportDocument['verdict'] {
  if (state.outcome === null) {
    const sentence = 'The run is not over; this is how it stands.';
    return { word: 'under way', tone: 'warn', sentence, meaning: `It is in phase ${state.phase}.` };
  }
  const tone: Tone = outcomeTone(state.outcome);
  return { word: state.outcome, tone, sentence: `${state.sentence ?? ''}.`, meaning: outcomeMeaning(state.outcome) };
}

function timelineSection({ events }: ReportInput): Section | null {
  const stretches = stretchesOf(spansOf(events));
  return stretches.length === 0 ? null : { title: 'Timeline', blocks: [{ kind: 'timeline', stretches }] };
}

function signSection(): Section {
  return {
    title: 'Sign-off',
    blocks: [
      paragraph('Whoever signs has read the plan, the checklist with its waivers, and the validation above.'),
      { kind: 'signatures', roles: ['Carried out by', 'Signed off by (DBA)'] },
    ],
  };
}
