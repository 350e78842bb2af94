/** NOT NULL on a filled table without a scan under a lock: proven first, then believed. */
import type { ObjectName } from '../statement-kinds.ts';
import { derivedName, quoteName, writtenName } from './names.ts';
import { alter, NEXT_MIGRATION, steps } from './steps.ts';

/** From this version on NOT NULL itself may be NOT VALID. */
const NOT_NULL_NOT_VALID = 180000;

export function notNullSteps(table: ObjectName, column: string, serverVersion: number): string {
  const name = quoteName(derivedName(table.name, column, 'not_null'));
  const written = writtenName(table);
  const validate = alter(written, `VALIDATE CONSTRAINT ${name}`);
  if (serverVersion >= NOT_NULL_NOT_VALID) {
    return steps(
      alter(written, `ADD CONSTRAINT ${name} NOT NULL ${quoteName(column)} NOT VALID`),
      NEXT_MIGRATION,
      validate,
    );
  }
  return steps(
    alter(written, `ADD CONSTRAINT ${name} CHECK (${quoteName(column)} IS NOT NULL) NOT VALID`),
    NEXT_MIGRATION,
    validate,
    NEXT_MIGRATION,
    alter(written, `ALTER COLUMN ${quoteName(column)} SET NOT NULL`),
    alter(written, `DROP CONSTRAINT ${name}`),
  );
}
