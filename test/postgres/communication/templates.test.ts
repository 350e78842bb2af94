import { beforeAll, describe, expect, test } from 'vitest';
import { channel, migratedWorld, refusal, unique, type World } from './world.ts';

let world: World;
let channelId: string;

beforeAll(async () => {
  world = await migratedWorld();
  channelId = await channel(world);
});

const write = (body: string, variables: unknown) =>
  world.query(`INSERT INTO communication.templates (channel_id, key, body, variables) VALUES ($1, $2, $3, $4)`, [
    channelId,
    unique('t'),
    body,
    JSON.stringify(variables),
  ]);

describe('templates_body_covers_variables', () => {
  test.each<[string, string, readonly string[]]>([
    ['a body that uses every variable', 'Dear {{first_name}}, see {{link}}', ['first_name', 'link']],
    ['a body that uses one twice', '{{a}} and {{a}}', ['a']],
    ['a template without variables', 'Nothing to fill in', []],
    ['a body that uses more than it declares', '{{a}} {{b}}', ['a']],
    ['names that begin alike', '{{name}} {{name_2}}', ['name', 'name_2']],
  ])('accepts %s', async (_, body, variables) => {
    await expect(write(body, variables)).resolves.toEqual([]);
  });

  test.each<[string, string, readonly string[]]>([
    ['a variable that the body does not hold', 'Dear customer', ['first_name']],
    ['one of several missing', '{{a}}', ['a', 'b']],
    ['blanks inside the braces', '{{ a }}', ['a']],
    ['single braces', '{a}', ['a']],
    ['another case', '{{Name}}', ['name']],
    ['a longer name that begins alike', '{{name_2}}', ['name']],
    ['a name that is only a part of another token', '{{my_a}}', ['a']],
  ])('refuses %s', async (_, body, variables) => {
    expect(await refusal(write(body, variables))).toEqual({
      code: '23514',
      constraint: 'templates_body_covers_variables',
      message: 'new row for relation "templates" violates check constraint "templates_body_covers_variables"',
    });
  });

  test('holds when the body of a template is changed later', async () => {
    await write('{{kept}}', ['kept']);
    const change = world.query(`UPDATE communication.templates SET body = 'gone' WHERE body = '{{kept}}'`);
    expect((await refusal(change)).constraint).toBe('templates_body_covers_variables');
  });

  test.each<[string, unknown]>([
    ['an object', { a: 1 }],
    ['a text', 'a'],
    ['numbers', [1]],
    ['null', [null]],
    ['nested lists', [['a']]],
    ['names with blanks', ['first name']],
    ['names with braces', ['{{a}}']],
    ['an empty name', ['']],
  ])('leaves variables that are %s to templates_variables_names', async (_, variables) => {
    const body = '{{a}} {{1}} {{["a"]}} {{first name}} {{{{a}}}} {{}}';
    expect((await refusal(write(body, variables))).constraint).toBe('templates_variables_names');
  });
});

test('a key is free per channel, language and version, and taken within them, apart for each organisation', async () => {
  const insert = (organisationId: string | null, version: number) =>
    world.query(
      `INSERT INTO communication.templates (organization_id, channel_id, key, body, version) VALUES ($1, $2, 'same', 'x', $3)`,
      [organisationId, channelId, version],
    );
  const [{ id: tenant }] = (await world.query('SELECT id FROM core.organizations')) as [{ id: string }];
  await insert(null, 1);
  await insert(null, 2);
  await insert(tenant, 1);
  expect((await refusal(insert(null, 2))).constraint).toBe('templates_system_key');
  expect((await refusal(insert(tenant, 1))).constraint).toBe('templates_organization_key');
});
