/** What a role or a database lacks for the migrations, and the statement that gives it. Pure. */
import type { ProblemInput } from '../model/problem.ts';
import { count } from './outcome.ts';

export interface SchemaFacts {
  readonly name: string;
  /** Null where the schema does not exist. */
  readonly owner: string | null;
  readonly mayCreate: boolean | null;
  readonly actsAsOwner: boolean | null;
}

export interface TableFacts {
  readonly name: string;
  readonly isThere: boolean;
  readonly mayUseSchema: boolean | null;
  readonly mayReference: boolean | null;
}

/** One thing that is missing, and the statement that gives it. */
export interface Lack {
  readonly what: string;
  readonly remedy: string;
}

export function lacksOfSchema(
  schema: SchemaFacts,
  mayCreateSchemas: boolean,
  { database, user }: { readonly database: string; readonly user: string },
): readonly Lack[] {
  if (schema.owner === null) {
    const what = `role ${user} may not create the schema ${schema.name} in database ${database}`;
    return mayCreateSchemas ? [] : [{ what, remedy: `GRANT CREATE ON DATABASE "${database}" TO "${user}"` }];
  }
  if (!schema.mayCreate) {
    const what = `role ${user} may not create in the schema ${schema.name}`;
    return [{ what, remedy: `GRANT CREATE ON SCHEMA "${schema.name}" TO "${user}"` }];
  }
  if (schema.actsAsOwner) return [];
  const what = `the schema ${schema.name} belongs to ${schema.owner}; role ${user} cannot alter or drop what is in it`;
  return [{ what, remedy: `GRANT "${schema.owner}" TO "${user}"` }];
}

export function lacksOfTable(table: TableFacts, user: string): readonly Lack[] {
  if (!table.isThere) {
    return [
      { what: `relation "${table.name}" does not exist`, remedy: 'create these tables, or stubs of them, first' },
    ];
  }
  const schema = table.name.split('.')[0]!;
  const lacks: Lack[] = [];
  if (!table.mayUseSchema) {
    lacks.push({
      what: `role ${user} may not use the schema ${schema}`,
      remedy: `GRANT USAGE ON SCHEMA "${schema}" TO "${user}"`,
    });
  }
  if (!table.mayReference) {
    lacks.push({
      what: `role ${user} may not reference ${table.name}`,
      remedy: `GRANT REFERENCES ON ${table.name} TO "${user}"`,
    });
  }
  return lacks;
}

export function refusal(lacks: readonly Lack[]): ProblemInput {
  const isTable = lacks.every(({ what }) => what.startsWith('relation '));
  return {
    code: isTable ? 'referenced-table-missing' : 'missing-rights',
    message: `the migrations lack ${count(lacks.length, 'thing')} in this database`,
    found: lacks.map(({ what }) => what).join('\n'),
    expected:
      'a role that may create in the owned schemas, and the tables that foreign keys name, with REFERENCES on them',
    next: [...new Set(lacks.map(({ remedy }) => remedy))].join('; '),
    // What a migration would be answered: the runbook's troubleshooting table explains it.
    ...(isTable ? { sqlstate: '42P01' } : {}),
  };
}
