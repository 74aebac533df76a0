// The one line that an operator reads when the embedded server cannot run.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { asRefusal, lastComplaint, refusal } from '../../../../coordinator/store/embedded/refusal.ts';
import { silentLogger } from '../../../../shared/log.ts';
import { isRoot, makeScratch, openPackage, refusalOf, type Scratch } from './scratch.ts';

describe('the refusals of the embedded PostgreSQL', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  it('name the last complaint, not the farewell after it', () => {
    const said =
      'LOG:  starting\nFATAL:  could not map anonymous memory\nLOG:  database system is shut down\n';
    expect(refusal('/data', said).message).to.equal(
      'The embedded PostgreSQL cannot run in /data: FATAL:  could not map anonymous memory',
    );
  });

  it('name what a server panicked over, not what it told those who asked it meanwhile', () => {
    const panic = 'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device';
    const asked = 'FATAL:  the database system is in recovery mode';
    expect(refusal('/data', `${panic}\n${asked}\n`).message).to.equal(
      `The embedded PostgreSQL cannot run in /data: the disk is full (${panic})`,
    );
    expect(lastComplaint(`${panic}\n${asked}\n`)).to.equal(panic);
  });

  it('put what PostgreSQL and the system say into words about what to do', () => {
    const saying = (said: string): string => refusal('/data', said).message;
    expect(saying('initdb: error: could not look up effective user ID 4242: user does not exist')).to.contain(
      'no entry in the passwd file; add one, or set RINGMASTER_DATABASE_URL',
    );
    expect(saying('FATAL:  data directory "/data/cluster" has wrong ownership')).to.contain('chown them');
    expect(
      (asRefusal('/data', Object.assign(new Error('EACCES: mkdir'), { code: 'EACCES' })) as Error).message,
    ).to.contain('permission denied; run as the user that made it');
  });

  it('say that the disk is full, and leave nothing half-made', async function () {
    if (!isRoot) this.skip();
    const small = join(scratch.open, 'small');
    await mkdir(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      this.skip(); // a container may not mount
    }
    try {
      const start = startEmbeddedPostgres({
        dataDirectory: join(small, 'postgres'),
        sharedDirectory: scratch.shared,
        packageDirectory: await openPackage(scratch),
        log: silentLogger,
      });
      const refused = await refusalOf(start);
      expect(refused).to.contain('the disk is full').and.not.contain('\n');
      expect(await readdir(join(small, 'postgres'))).to.deep.equal([]);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
