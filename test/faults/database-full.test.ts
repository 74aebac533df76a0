// The disk of the database full: said as that to callers, in readiness and in the log, at a start as well; and over by itself once there is room.
import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startEmbeddedPostgres } from '../../coordinator/store/embedded/embedded-postgres.ts';
import { silentLogger } from '../../shared/log.ts';
import { modelCluster, startTestCoordinator } from '../support/coordinator.ts';
import { spawnCoordinator } from '../support/coordinator-program.ts';
import { eventually } from '../support/eventually.ts';
import { heardLog } from '../support/heard-log.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

describe('a database whose disk is full', function () {
  this.timeout(60_000);
  let disk: SmallDisk;
  const ends: (() => Promise<unknown>)[] = [];
  before(function () {
    if (process.getuid?.() !== 0) this.skip(); // only root may mount
  });
  beforeEach(async () => {
    // The server's own programs lie there too, where the checkout is one that its user may not see.
    disk = await mountSmallDisk(192);
    ends.push(() => disk.remove());
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('is told as full by readiness and the log, is read all the same, and takes writes again once there is room', async () => {
    const postgres = await startOwnPostgres(disk.directory);
    ends.push(() => postgres.remove());
    const { log, lines } = heardLog(false);
    const coordinator = await startTestCoordinator({}, { databaseUrl: postgres.url, log });
    ends.push(() => coordinator.remove());
    await modelCluster(coordinator, 'c1', ['n1']);
    const readiness = async () => {
      const { status, body } = await coordinator.call('GET', '/readyz');
      return [status, body];
    };
    expect(await readiness()).to.deep.equal([200, { ready: true, database: 'answers' }]);
    const before = lines.length;
    const said = (): string[] => lines.slice(before).map((line) => JSON.parse(line).message);

    disk.fill();
    // What does not compress takes the room that it says.
    const write = () =>
      coordinator.call('POST', 'clusters/', {
        name: randomUUID(),
        comment: randomBytes(30_000).toString('base64'),
      });
    const refused = await eventually(async () => {
      const answer = await write(); // pages that are half empty take some
      expect(answer.status).to.equal(503);
      return answer;
    });
    expect(refused.body.message).to.match(/disk of the database is full/);
    expect(await readiness()).to.deep.equal([503, { ready: false, database: 'full' }]);
    expect((await coordinator.call('GET', 'clusters/')).status).to.equal(200);
    expect(said()).to.deep.equal(['the disk of the database is full']);

    disk.clear();
    expect(await readiness()).to.deep.equal([200, { ready: true, database: 'answers' }]);
    expect((await write()).status).to.equal(201);
    await eventually(() =>
      expect(said()).to.deep.equal([
        'the disk of the database is full',
        'the disk of the database has room again',
      ]),
    );
  });

  /** What a coordinator says that finds so much room on the disk of its data directory, and how it ends. */
  async function startsWith(freeBytes: number) {
    disk.fill(freeBytes);
    const program = await spawnCoordinator({ RINGMASTER_DATA_DIR: disk.directory });
    ends.push(() => program.remove());
    return {
      code: await program.ended,
      said: program
        .log()
        .split('\n')
        .filter((line) => !line.startsWith('{')),
    };
  }

  it('is the reason that a first start ends with, in one line of the server', async () => {
    const server = await startEmbeddedPostgres({
      dataDirectory: `${disk.directory}/postgres`,
      sharedDirectory: disk.directory,
      log: silentLogger,
    });
    await server.stop();
    const { code, said } = await startsWith(300_000); // enough for the server, too little for our schema
    expect(code).to.equal(1);
    expect(said.join('\n').trim())
      .to.match(
        /^The embedded PostgreSQL cannot run in .*: the disk is full \(.*(No space left|wrote only).*\)$/,
      )
      .and.to.contain(disk.directory);
  });
});
