/** A new column beside an old one, kept in step by a trigger and filled by a job: how a column changes while it is in use. */
import type { ObjectName } from '../statement-kinds.ts';
import { derivedName, quoteName, writtenName } from './names.ts';
import { alter, BY_A_JOB, batch, NEXT_MIGRATION, steps } from './steps.ts';

export interface Shadow {
  readonly from: string;
  readonly to: string;
  /** As in SQL. */
  readonly type: string;
  /** What it is computed by; default: the old column, cast. `of` is `NEW.` in the trigger and empty in the job. */
  readonly value?: (of: string) => string;
}

export function shadowColumnSteps(table: ObjectName, { from, to, type, value }: Shadow): string {
  const written = writtenName(table);
  const name = derivedName(table.name, to, 'fill');
  const fill = writtenName({ schema: table.schema, name });
  const computed = value ?? ((of: string) => `${of}${quoteName(from)}::${type}`);
  const column = quoteName(to);
  return steps(
    alter(written, `ADD COLUMN ${column} ${type}`),
    `CREATE FUNCTION ${fill}() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN NEW.${column} := ${computed('NEW.')}; RETURN NEW; END $$`,
    `CREATE TRIGGER ${quoteName(name)} BEFORE INSERT OR UPDATE ON ${written} FOR EACH ROW EXECUTE FUNCTION ${fill}()`,
    BY_A_JOB,
    `UPDATE ${written} SET ${column} = ${computed('')} WHERE ${batch(written, `${column} IS DISTINCT FROM ${computed('')}`)}`,
    NEXT_MIGRATION,
    `-- once every program reads and writes ${to}: drop the trigger, its function, and ${from}`,
    `DROP TRIGGER ${quoteName(name)} ON ${written}`,
    `DROP FUNCTION ${fill}()`,
    `-- drydock:allow column-drop: no program reads or writes ${from} any more`,
    alter(written, `DROP COLUMN ${quoteName(from)}`),
  );
}
