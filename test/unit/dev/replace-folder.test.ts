/** A folder that many put in place at once: each of them succeeds, and what is there in the end is whole. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { replaceFolder } from '../../../src/dev/build/replace-folder.ts';

const FILES = ['a.js', 'b.js', 'c.js'];

async function setup() {
  const place = await mkdtemp(path.join(tmpdir(), 'drydock-replace-'));
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  const fresh = async (name: string) => {
    const folder = path.join(place, `dist.${name}`);
    await mkdir(folder);
    for (const file of FILES) await writeFile(path.join(folder, file), name);
    return folder;
  };
  const read = () => Promise.all(FILES.map((file) => readFile(path.join(place, 'dist', file), 'utf8')));
  return { place, dist: path.join(place, 'dist'), fresh, read };
}

describe('a folder that is replaced', () => {
  it('is the new one, where there was one and where there was none, and nothing is left beside it', async () => {
    const { place, dist, fresh, read } = await setup();
    await replaceFolder(await fresh('first'), dist);
    expect(await read()).toEqual(['first', 'first', 'first']);
    await replaceFolder(await fresh('second'), dist);
    expect(await read()).toEqual(['second', 'second', 'second']);
    expect(await readdir(place)).toEqual(['dist']);
  });

  it('by thirty at once is the whole of one of theirs, and none of them fails', async () => {
    const { place, dist, fresh, read } = await setup();
    const names = Array.from({ length: 30 }, (_, index) => String(index));
    const folders = await Promise.all(names.map(fresh));
    await Promise.all(folders.map((folder) => replaceFolder(folder, dist)));
    const [one, ...others] = await read();
    expect(names).toContain(one);
    expect(others).toEqual([one, one]);
    expect(await readdir(place)).toEqual(['dist']);
  });

  it('stays where the new one is not there', async () => {
    const { place, dist, fresh, read } = await setup();
    await replaceFolder(await fresh('first'), dist);
    await expect(replaceFolder(path.join(place, 'missing'), dist)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await read()).toEqual(['first', 'first', 'first']);
    expect(await readdir(place)).toEqual(['dist']);
  });
});
