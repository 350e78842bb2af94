/**
 * What the stack on one machine says while it starts, as data, and its wording in one place.
 * It knows nothing of terminals: whoever listens decides where the sentences go.
 */
import { assertNever } from '../model/assert-never.ts';

/** One thing the starting stack says. Events of the kinds `…-building`, `…-downloading` and `…-waiting` repeat every few seconds. */
export type StackEvent =
  | { readonly kind: 'postgres-source-passed'; readonly source: string; readonly reason: string }
  | { readonly kind: 'postgres-copying'; readonly to: string }
  | { readonly kind: 'postgres-initialising'; readonly version: string; readonly dataDir: string }
  | { readonly kind: 'postgres-ready'; readonly version: string; readonly port: number; readonly elapsedMs: number }
  | { readonly kind: 'temporal-source-passed'; readonly source: string; readonly reason: string }
  | { readonly kind: 'temporal-downloading'; readonly version: string; readonly elapsedMs: number }
  | {
      readonly kind: 'temporal-building';
      readonly version: string;
      readonly packages: number;
      readonly elapsedMs: number;
    }
  | { readonly kind: 'temporal-waiting'; readonly builderPid: number; readonly elapsedMs: number }
  | { readonly kind: 'temporal-found'; readonly source: string; readonly path: string; readonly version: string }
  | {
      readonly kind: 'temporal-ready';
      readonly address: string;
      readonly uiUrl: string | undefined;
      readonly elapsedMs: number;
    };

/** Takes the events; must not throw. */
export type OnProgress = (event: StackEvent) => void;

/** One line of plain words for an event, without a line break. */
export function describeProgress(event: StackEvent): string {
  switch (event.kind) {
    case 'postgres-source-passed':
      return `PostgreSQL: not from ${event.source}: ${event.reason}`;
    case 'postgres-copying':
      return `PostgreSQL: copying its programs to ${event.to}, where its own user can run them`;
    case 'postgres-initialising':
      return `PostgreSQL ${event.version}: making a cluster in ${event.dataDir}`;
    case 'postgres-ready':
      return `PostgreSQL ${event.version}: ready on 127.0.0.1:${event.port} (${seconds(event.elapsedMs)})`;
    case 'temporal-source-passed':
      return `Temporal: not from ${event.source}: ${event.reason}`;
    case 'temporal-downloading':
      return `Temporal: downloading the Temporal CLI ${event.version}, once (${seconds(event.elapsedMs)})`;
    case 'temporal-building':
      return `Temporal: building the Temporal CLI ${event.version} with Go, once, about four minutes on two cores (${seconds(event.elapsedMs)}, ${event.packages} packages compiled)`;
    case 'temporal-waiting':
      return `Temporal: waiting for process ${event.builderPid}, which is building the Temporal CLI (${seconds(event.elapsedMs)})`;
    case 'temporal-found':
      return `Temporal: using ${event.path}, from ${event.source} (${event.version})`;
    case 'temporal-ready':
      return `Temporal: ready on ${event.address}${event.uiUrl ? `, UI on ${event.uiUrl}` : ''} (${seconds(event.elapsedMs)})`;
    default:
      return assertNever(event);
  }
}

/** `1.2 s` below a minute, `3 min 05 s` above. */
function seconds(elapsedMs: number): string {
  if (elapsedMs < 60_000) return `${(elapsedMs / 1000).toFixed(elapsedMs < 10_000 ? 1 : 0)} s`;
  const whole = Math.round(elapsedMs / 1000);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
