// A cassandra.yaml that was changed on its host into what its version does not start with, in all the ways that one can be: on a real node.
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { StepFailed } from '../../../shared/errors.ts';

interface Node {
  restart: () => Promise<StepFailed>;
  /** beforehand, without touching anything */
  look: () => Promise<StepFailed>;
  /** of its files and its process */
  state: () => Promise<unknown>;
  process: () => Promise<unknown>;
}

/** @param path of its cassandra.yaml, which is as it was in the end */
export async function refusesWhatIsThere(path: string, { restart, look, state, process }: Node) {
  const text = await readFile(path, 'utf8');
  const refused = async (edited: string): Promise<string[]> => {
    await writeFile(path, edited);
    const before = await state();
    const failures = [await restart(), await look()];
    expect(await state()).to.deep.equal(before);
    for (const { subtype, resource } of failures)
      expect([subtype, resource]).to.deep.equal(['config-refused', path]);
    return failures.map(({ message }) => message);
  };
  for (const message of await refused(`${text}\nno_such_key: 1\n`))
    expect(message).to.contain(`(${path}): Invalid yaml. Please remove properties [no_such_key]`);
  for (const message of await refused(`${text}\nconcurrent_reads: many\n`))
    expect(message).to.match(/NumberFormatException|"many"|'many'|concurrent_reads/);
  for (const message of await refused(`${text}\nconcurrent_reads: 16\n\tconcurrent_writes: 16\n`))
    expect(message).to.contain('found character');
  await writeFile(path, Buffer.concat([Buffer.from(`${text}\n# caf`), Buffer.from([0xe9, 0x0a])]));
  const [malformed, looked] = [await restart(), await look()];
  const line = text.split('\n').length + 1;
  for (const { subtype, message } of [malformed, looked]) {
    expect(subtype, 'bytes that are no text').to.equal('config-refused');
    expect(message).to.contain(`line ${line} of its cassandra.yaml has bytes that are no UTF-8 (`);
  }
  const before = await process();
  for (const empty of ['', '# cluster_name: prod\n\n']) {
    await writeFile(path, empty);
    const { subtype, resource, message } = await restart();
    expect([subtype, resource], 'nothing in it').to.deep.equal(['config-file-missing', path]);
    expect(message).to.contain('is empty, or has nothing but comments');
  }
  const target = `${path}.elsewhere`;
  await rename(path, target);
  await symlink(target, path);
  for (const message of await refused(`${text}\nno_such_key: 1\n`))
    expect(message, 'through a link').to.contain('remove properties [no_such_key]');
  await rm(target);
  for (const { subtype, resource } of [await restart(), await look()])
    expect([subtype, resource], 'a link to nowhere').to.deep.equal(['config-file-missing', path]);
  await rm(path);
  await mkdir(path);
  expect((await restart()).subtype, 'a directory').to.equal('config-file-missing');
  expect(await process()).to.deep.equal(before);
  await rm(path, { recursive: true });
  await writeFile(path, text);
}
