// The master key is found where it is said to be, made once, and never read from a file that others can read.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadMasterKey, MASTER_KEY_CREDENTIAL } from '../../../coordinator/security/master-key.ts';

describe('loadMasterKey', () => {
  const key = randomBytes(32);
  let directory = '';
  let defaultFile = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'master-key-'));
    defaultFile = join(directory, 'state', 'master-key');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function put(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  }

  it('reads a value in hex, base64 and base64url', () => {
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      const value = `${key.toString(form)}\n`;
      expect(loadMasterKey({ value, defaultFile }).equals(key), form).to.equal(true);
    }
  });

  it('refuses a value of another length or alphabet, without repeating it', () => {
    for (const value of [
      '',
      'correct horse',
      `!${key.toString('base64')}`,
      randomBytes(31).toString('hex'),
      randomBytes(33).toString('base64'),
    ]) {
      expect(() => loadMasterKey({ value, defaultFile }))
        .to.throw(Error, 'from the environment must be 32 bytes')
        .with.property('message')
        .that.satisfies((message: string) => value === '' || !message.includes(value));
    }
  });

  it('reads a file before the credential, and the credential before the default file', async () => {
    const [inFile, inCredential, inDefault] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    const file = await put('key', inFile.toString('base64'));
    await put(MASTER_KEY_CREDENTIAL, inCredential.toString('base64'), 0o440); // as systemd's ACL makes it look
    const fallback = await put('default', inDefault.toString('base64'));
    const sources = { credentialsDirectory: directory, defaultFile: fallback };
    expect(loadMasterKey({ ...sources, file })).to.deep.equal(inFile);
    expect(loadMasterKey(sources)).to.deep.equal(inCredential);
    await rm(join(directory, MASTER_KEY_CREDENTIAL));
    expect(loadMasterKey(sources)).to.deep.equal(inDefault);
  });

  it('refuses a file that its group or others may read', async () => {
    for (const mode of [0o640, 0o604, 0o620]) {
      const file = await put('key', key.toString('base64'), mode);
      expect(() => loadMasterKey({ file, defaultFile })).to.throw(Error, 'is open to others (mode 06');
      expect(() => loadMasterKey({ defaultFile: file })).to.throw(Error, 'is open to others');
    }
    await put(MASTER_KEY_CREDENTIAL, key.toString('base64'), 0o404);
    expect(() => loadMasterKey({ credentialsDirectory: directory, defaultFile })).to.throw(Error, 'is open');
  });

  it('does not make a key when the file it was told of is missing', async () => {
    const file = join(directory, 'missing');
    expect(() => loadMasterKey({ file, defaultFile })).to.throw(Error, `there is no master key file ${file}`);
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('refuses two explicit sources', async () => {
    const file = await put('key', key.toString('base64'));
    expect(() => loadMasterKey({ file, value: key.toString('hex'), defaultFile })).to.throw(
      Error,
      'given twice',
    );
  });

  it('makes the default file once, for its owner alone, and leaves nothing beside it', async () => {
    const made = loadMasterKey({ defaultFile });
    expect(made).to.have.length(32);
    expect(loadMasterKey({ defaultFile })).to.deep.equal(made);
    expect((await stat(defaultFile)).mode & 0o777).to.equal(0o600);
    expect(await readdir(join(directory, 'state'))).to.deep.equal(['master-key']);
  });

  it('refuses a file that is damaged or no file, in place of overwriting it', async () => {
    const damaged = await put('default', key.toString('base64').slice(0, 20));
    expect(() => loadMasterKey({ defaultFile: damaged })).to.throw(Error, 'it has 20 characters');
    expect(() => loadMasterKey({ file: '/dev/null', defaultFile })).to.throw(
      Error,
      'is not a master key file',
    );
    expect(() => loadMasterKey({ defaultFile: directory })).to.throw(Error, 'is not a master key file');
  });
});
