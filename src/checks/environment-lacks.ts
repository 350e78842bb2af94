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

/** Things in the owned schemas that belong to a role this one may not act for. */
export interface OwnedFacts {
  readonly owner: string;
  /** `schema.name`. */
  readonly names: readonly string[];
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

/** More than these are counted, not named. */
const NAMED = 5;

export function lacksOfOwned({ owner, names }: OwnedFacts, user: string): readonly Lack[] {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const belong = names.length === 1 ? 'belongs' : 'belong';
  const what = `${names.slice(0, NAMED).join(', ')}${more} ${belong} to ${owner}; role ${user} cannot alter or drop what is another's`;
  return [{ what, remedy: `GRANT "${owner}" TO "${user}"` }];
}

/** Of the schema `drydock`, where a run keeps its claim. */
export function lacksOfOwnSchema(
  { isThere, mayWork }: { readonly isThere: boolean; readonly mayWork: boolean },
  { database, user }: { readonly database: string; readonly user: string },
): readonly Lack[] {
  if (mayWork) return [];
  return isThere
    ? [
        {
          what: `role ${user} may not work in the schema drydock, where a run keeps its claim`,
          remedy: `GRANT USAGE, CREATE ON SCHEMA drydock TO "${user}"; GRANT ALL ON ALL TABLES IN SCHEMA drydock TO "${user}"; GRANT ALL ON ALL SEQUENCES IN SCHEMA drydock TO "${user}"`,
        },
      ]
    : [
        {
          what: `role ${user} may not create the schema drydock, where a run keeps its claim`,
          remedy: `GRANT CREATE ON DATABASE "${database}" TO "${user}"`,
        },
      ];
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
