/** One line per event of a rehearsal, for a terminal. */
import { assertNever } from '../../model/assert-never.ts';
import { formatDuration } from '../../model/duration.ts';
import type { RehearsalPlace } from '../../model/rehearsal.ts';
import type { RehearsalEvent } from '../../model/rehearsal-event.ts';
import { oneLine } from '../printable.ts';

/** Without a line break at its end. */
export function rehearsalEventText(event: RehearsalEvent): string {
  switch (event.kind) {
    case 'leftovers-dropped':
      return `dropped what killed rehearsals had left: ${event.names.join(', ')}`;
    case 'rehearsal-began':
      return `rehearsing ${placeText(event.place)}, PostgreSQL ${event.serverVersion}, in ${event.database}`;
    case 'schema-ready':
      return `${BASE[event.from]}${event.lacking > 0 ? `, without ${event.lacking} of its objects` : ''}`;
    case 'rehearsed':
      return `  ${event.stage.padEnd(8)} ${nameOf(event.migration)} in ${formatDuration(event.durationMs)}`;
    case 'stage-failed':
      return `  ${event.stage.padEnd(8)} ${nameOf(event.migration)} failed: ${oneLine(event.problem.message)}`;
    case 'rehearsal-not-stored':
      return `the result is not stored on the target: ${oneLine(event.problem.message)}`;
    case 'rehearsal-database-dropped':
      return `dropped ${event.database}`;
    case 'rehearsal-database-left':
      return `${event.database} could not be dropped, the next rehearsal will: ${oneLine(event.problem.message)}`;
    default:
      return assertNever(event);
  }
}

/** `on the server of the target`. */
export function placeText(place: RehearsalPlace): string {
  switch (place) {
    case 'same-server':
      return 'on the server of the target';
    case 'other-server':
      return 'on another server';
    case 'embedded':
      return 'on a server of this machine, started for it';
    default:
      return assertNever(place);
  }
}

const BASE: Readonly<Record<'dump' | 'files' | 'empty', string>> = {
  dump: "the target's own schema is there",
  files: 'a schema made from the files is there',
  empty: 'an empty database is there',
};

function nameOf({ version, name }: { readonly version: string; readonly name: string }): string {
  return version === `R__${name}` ? version : `${version}_${name}`;
}
