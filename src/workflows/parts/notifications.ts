/**
 * Tells people about the turns of a run, beside it: a notifier that fails, hangs or is gone neither stops nor holds up anything. Where
 * a target names none, nothing is scheduled.
 */
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { RunEvent } from '../../model/event.ts';
import { messageFor, notifiersOf } from '../../model/turns.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

/** How long the end of a run waits for what is still being told. */
const LAST_WORDS = '10s';

export class Notifications {
  readonly #run: Run;
  readonly #underWay = new Set<Promise<void>>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Called for every event, with the state after it in the journal. */
  onEvent(event: RunEvent): void {
    const { journal } = this.#run;
    const message = messageFor({ event, state: journal.state, plan: journal.plan });
    if (!message) return;
    for (const { name } of notifiersOf(journal.plan?.target.notify, message.turn)) {
      const telling = this.#tell(name, message).finally(() => this.#underWay.delete(telling));
      this.#underWay.add(telling);
    }
  }

  /** Gives when all is told, or after ten seconds. */
  async settled(): Promise<void> {
    if (this.#underWay.size === 0) return;
    await CancellationScope.nonCancellable(() => Promise.race([Promise.all(this.#underWay), sleep(LAST_WORDS)]));
  }

  async #tell(notifier: string, message: NonNullable<ReturnType<typeof messageFor>>): Promise<void> {
    const run = this.#run;
    const summary = `Tell ${notifier}: ${message.turn}`;
    try {
      // An aborted run has the more to tell.
      await CancellationScope.nonCancellable(() =>
        run.perform('notify', 'notify', summary, { ref: run.ref, notifier, message }),
      );
    } catch (error) {
      run.journal.record({ kind: 'notification-failed', notifier, turn: message.turn, problem: problemOf(error) });
    }
  }
}
