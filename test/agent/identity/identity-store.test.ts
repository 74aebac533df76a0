// An agent's identity is on disk whole or not at all, and for the agent alone.
import { execFileSync } from 'node:child_process';
import { randomUUID, X509Certificate } from 'node:crypto';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Identity } from '../../../agent/identity/identity.ts';
import { IdentityStore } from '../../../agent/identity/identity-store.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';

async function newIdentity(): Promise<Identity> {
  const authority = await Authority.load(await createAuthority('Ringmaster test'));
  const nodeId = randomUUID();
  const { csrPem, privateKeyPem } = createKeyAndRequest();
  const { certificatePem } = await authority.signAgentRequest({ csrPem, nodeId });
  const coordinatorAddresses = ['coordinator.example.org:61620'];
  return { nodeId, privateKeyPem, certificatePem, caPem: authority.certificatePem, coordinatorAddresses };
}

describe('IdentityStore', () => {
  let identity: Identity;
  let other: Identity;
  let root = '';
  let directory = '';
  let store: IdentityStore;
  before(async () => {
    identity = await newIdentity();
    other = await newIdentity();
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'identity-'));
    directory = join(root, 'agent', 'identity');
    store = new IdentityStore(directory);
  });
  afterEach(() => rm(root, { recursive: true }));

  const messageOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'nothing was refused',
      (error: unknown) => String(error),
    );

  /** To its last page. */
  const fill = async (path: string): Promise<void> => {
    try {
      for (;;) await appendFile(path, Buffer.alloc(4096, 1));
    } catch (error) {
      expect(error).to.have.property('code', 'ENOSPC');
    }
  };

  it('has nothing to load before the agent is enrolled', async () => {
    expect(await store.load()).to.equal(null);
  });

  it('loads what was saved, in a file for its owner alone', async () => {
    await store.save(identity);
    expect(await new IdentityStore(directory).load()).to.deep.equal(identity);
    expect((await stat(directory)).mode & 0o777).to.equal(0o700);
    expect(await readdir(directory)).to.deep.equal(['identity.json']);
    expect((await stat(join(directory, 'identity.json'))).mode & 0o777).to.equal(0o600);
  });

  it('replaces an identity by another, over the remains of a save that a crash cut short', async () => {
    await store.save(identity);
    await writeFile(join(directory, 'identity.json.new'), '{"nodeId":');
    expect(await store.load()).to.deep.equal(identity);
    await store.save(other);
    expect(await store.load()).to.deep.equal(other);
    expect(await readdir(directory)).to.deep.equal(['identity.json']);
  });

  it('saves on a full disk in the room that was prepared, and says beforehand when there is none', async function () {
    if (process.getuid?.() !== 0) this.skip(); // only root may mount
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root]);
    try {
      const coordinatorAddresses = Array.from(
        { length: 300 },
        (_, at) => `coordinator-${at}.example.org:9000`,
      );
      const large = { ...identity, coordinatorAddresses }; // more than a page
      await store.save(other);
      await store.prepare();
      const { ino } = await stat(join(directory, 'identity.json.new'));
      await fill(join(root, 'filler'));
      await store.save(large);
      // in its place: nobody else could take the room in between
      expect(await stat(join(directory, 'identity.json'))).to.have.property('ino', ino);
      expect(await store.load()).to.deep.equal(large);
      await fill(join(root, 'filler')); // what the draft had beyond the identity's size was free again
      expect(await messageOf(store.prepare())).to.match(
        /cannot write .*identity\.json\.new: no space is left/,
      );
      expect(await store.load()).to.deep.equal(large);
    } finally {
      execFileSync('umount', [root]);
    }
  });

  it('closes a directory that others could enter', async () => {
    await store.save(identity);
    await chmod(directory, 0o755);
    await store.save(identity);
    expect((await stat(directory)).mode & 0o777).to.equal(0o700);
  });

  it('does not save parts that do not belong together, and keeps what was there', async () => {
    await store.save(identity);
    const der = new X509Certificate(identity.certificatePem).raw;
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1; // the last byte of the signature
    const forged = new X509Certificate(der).toString();
    const unfit: [Partial<Identity>, RegExp][] = [
      [{ privateKeyPem: other.privateKeyPem }, /for another key/],
      [{ caPem: other.caPem }, /does not come from the authority/],
      [{ caPem: identity.certificatePem }, /does not come from the authority/],
      [{ nodeId: other.nodeId }, /names another node/],
      [{ coordinatorAddresses: [] }, /not host:port/],
      [{ certificatePem: 'x' }, /cannot be read/],
      [{ certificatePem: forged }, /does not come from the authority/],
    ];
    for (const [change, reason] of unfit) {
      expect(await messageOf(store.save({ ...identity, ...change }))).to.match(reason);
    }
    expect(await store.load()).to.deep.equal(identity);
  });

  it('refuses a damaged file without quoting it, in place of taking the agent for a new one', async () => {
    await store.save(identity);
    const path = join(directory, 'identity.json');
    const whole = await readFile(path, 'utf8');
    for (const text of ['', whole.slice(0, -40), '{}', 'null', whole.replace('nodeId', 'nodeid')]) {
      await writeFile(path, text);
      expect(await messageOf(store.load()))
        .to.match(/is (damaged|unsound)/)
        .and.not.match(/BEGIN/);
    }
  });

  it('refuses a file that others may read', async () => {
    await store.save(identity);
    await chmod(join(directory, 'identity.json'), 0o640);
    expect(await messageOf(store.load())).to.match(/is open to others/);
  });
});
