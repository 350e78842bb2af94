/** A peer on Python, with one revision file per migration. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Contender, padded, type Scenario, write } from '../contender.ts';

/** `program`: its command in a virtual environment. */
export function alembic(program: string): Contender {
  return {
    name: 'alembic',
    kind: 'peer',
    layOut: (set, { directory, url }) => {
      const versions = path.join(directory, 'alembic/versions');
      mkdirSync(versions, { recursive: true });
      const sqlalchemyUrl = url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
      write(
        directory,
        'alembic.ini',
        `[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = ${sqlalchemyUrl}\n`,
      );
      write(path.join(directory, 'alembic'), 'env.py', ENV);
      let previous: string | null = null;
      for (const one of set.migrations) {
        const revision = padded(one);
        const run = (sql: string) => `    op.get_bind().exec_driver_sql(${JSON.stringify(sql.replaceAll('%', '%%'))})`;
        write(
          versions,
          `${revision}_${one.name}.py`,
          [
            'from alembic import op',
            `revision = '${revision}'`,
            `down_revision = ${previous === null ? 'None' : `'${previous}'`}`,
            'def upgrade():',
            run(one.up),
            'def downgrade():',
            run(one.down),
            '',
          ].join('\n'),
        );
        previous = revision;
      }
    },
    command: (scenario, _set, { directory }) => {
      const verbs: Readonly<Record<Scenario, readonly string[]>> = {
        fresh: ['upgrade', 'head'],
        again: ['upgrade', 'head'],
        status: ['current'],
        rollback: ['downgrade', '-1'],
      };
      return { file: program, args: ['-c', path.join(directory, 'alembic.ini'), ...verbs[scenario]] };
    },
  };
}

/** The online half of what its own template writes; a transaction for each revision, as all others have it. */
const ENV = `from alembic import context
from sqlalchemy import create_engine, pool
engine = create_engine(context.config.get_main_option('sqlalchemy.url'), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
`;
