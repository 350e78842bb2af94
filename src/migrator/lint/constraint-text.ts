/** ADD CONSTRAINT as written, with a name that VALIDATE can use. */
import { quoteName } from './names.ts';
import { alter, NEXT_MIGRATION, steps } from './steps.ts';

/** `text` is `ADD CHECK (a > 0)` or `ADD CONSTRAINT k CHECK (a > 0)`; `given` is the name that is in it. */
export function namedConstraintText(text: string, name: string, given: string | undefined): string {
  return given === undefined ? text.replace(/^add\s+/i, `ADD CONSTRAINT ${quoteName(name)} `) : text;
}

/** Added NOT VALID, then validated in another transaction. `table` is written as in SQL. */
export function constraintSteps(table: string, added: string, name: string): string {
  return steps(
    alter(table, `${added} NOT VALID`),
    NEXT_MIGRATION,
    alter(table, `VALIDATE CONSTRAINT ${quoteName(name)}`),
  );
}
