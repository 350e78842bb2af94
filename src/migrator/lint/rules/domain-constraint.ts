/** A constraint is put on a domain that columns have. */
import { derivedName, nameFromParts, nameParts, quoteName, writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { NEXT_MIGRATION, steps } from '../steps.ts';

export const domainConstraint: StatementRule = {
  name: 'domain-constraint',
  title: 'A domain gets a constraint',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row of every table with a column of that domain is read under SHARE, so writers of all of them wait. With NOT VALID new values are checked at once; VALIDATE reads the old ones in a transaction of its own, writers wait for that scan alone.',
  check: ({ statement }) => {
    if (!('AlterDomainStmt' in statement.node)) return [];
    const { subtype, typeName, def } = statement.node.AlterDomainStmt;
    const domain = nameFromParts(nameParts(typeName));
    const shown = writtenName(domain);
    if (subtype === 'O') {
      const name = quoteName(derivedName(domain.name, 'not_null'));
      const add = `ALTER DOMAIN ${shown} ADD CONSTRAINT ${name} CHECK (VALUE IS NOT NULL) NOT VALID`;
      const instead = steps(add, NEXT_MIGRATION, `ALTER DOMAIN ${shown} VALIDATE CONSTRAINT ${name}`);
      return [{ message: `SET NOT NULL reads every row of every table with a column of ${shown}`, instead }];
    }
    const constraint = def && 'Constraint' in def ? def.Constraint : undefined;
    if (subtype !== 'C' || !constraint || constraint.skip_validation) return [];
    const name = constraint.conname ?? derivedName(domain.name, 'check');
    const named = constraint.conname
      ? statement.text
      : statement.text.replace(/\badd\s+/i, `ADD CONSTRAINT ${quoteName(name)} `);
    const instead = steps(
      `${named} NOT VALID`,
      NEXT_MIGRATION,
      `ALTER DOMAIN ${shown} VALIDATE CONSTRAINT ${quoteName(name)}`,
    );
    return [{ message: `ADD CONSTRAINT reads every row of every table with a column of ${shown}`, instead }];
  },
};
