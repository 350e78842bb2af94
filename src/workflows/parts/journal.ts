/** The record of one run: every event goes through here, into the state, the UI's current details and the memo. */
import { setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import { briefMarkdown, statusWord } from '../../model/brief.ts';
import type { ItemRef, RunEvent, RunEventBody } from '../../model/event.ts';
import { STATE_MEMO } from '../../model/ids.ts';
import type { Plan } from '../../model/plan.ts';
import { applyEvent, EMPTY_STATE, type RunState } from '../../model/state.ts';
import { type Compensation, previewUndo, type UndoPreview } from '../../model/undo.ts';

export class Journal {
  readonly events: RunEvent[] = [];
  /** Compensations in the order of their steps; an abort carries them out from the last to the first. */
  readonly registered: Compensation[] = [];
  plan: Plan | null = null;
  /** Told of every event, once the state holds it. */
  onRecord: ((event: RunEvent) => void) | undefined;
  #state: RunState = EMPTY_STATE;
  #published = '';

  get state(): RunState {
    return this.#state;
  }

  record(body: RunEventBody): void {
    const event: RunEvent = { seq: this.events.length + 1, at: new Date().toISOString(), ...body };
    this.events.push(event);
    this.#state = applyEvent(this.#state, event);
    setCurrentDetails(briefMarkdown(this.#state, this.plan, this.undo()));
    this.#publish();
    this.onRecord?.(event);
  }

  undo(): UndoPreview {
    return previewUndo(this.registered, this.#state.outcome === null ? 'open' : 'closed');
  }

  item(phase: ItemRef['phase'], id: string): ItemRef | undefined {
    return this.#state.items.find((item) => item.phase === phase && item.id === id);
  }

  // The memo is what a client can read while no worker answers. It costs a history event, so it changes with the
  // headline (phase, who is waited for, how it ended), not with every event; the last one holds the whole state.
  #publish(): void {
    const { phase, waiting, paused, outcome, held, reportFiles, standing, heldUntil } = this.#state;
    const headline = JSON.stringify([phase, waiting, paused, outcome, held, reportFiles, standing, heldUntil]);
    if (headline === this.#published) return;
    this.#published = headline;
    upsertMemo({ [STATE_MEMO]: outcome === null ? this.#compact() : this.#state });
  }

  #compact(): Record<string, unknown> {
    const { items, ...rest } = this.#state;
    const brief = items.map(({ phase, id, title, status, attempts }) => ({
      phase,
      id,
      title,
      status,
      attempts,
      evidence: [],
    }));
    return { ...rest, items: brief, status: statusWord(this.#state) };
  }
}
