// What heartbeats cost the database: nothing while an agent is idle, and little while it works.
import { expect } from 'chai';
import pg from 'pg';
import { enrol } from '../../../agent/enrol.ts';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { silentLogger } from '../../../shared/log.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import type { RunProgress } from '../../../shared/wire/messages.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { countWritesOf, insertRunOf } from '../../support/fleet-model.ts';
import { helloOf, openRawStream, type RawStream } from '../../support/raw-stream.ts';
import { startWire, type Wire } from '../../support/wire.ts';

const NEVER_MS = 3_600_000;

describe('heartbeats', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let wire: Wire;
  let coordinator: TestCoordinator;
  let streams: RawStream[];
  before(async () => {
    database = await createTestDatabase();
    const { user, host, port } = new pg.Client({ connectionString: database.url });
    wire = await startWire(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    const { pathname, password } = new URL(database.url.replace('@/', '@localhost/'));
    // Nothing but heartbeats may have a reason to ask the database.
    coordinator = await startTestCoordinator(
      {},
      {
        databaseUrl: `postgres://${user}:${password}@127.0.0.1:${wire.port}${pathname}`,
        timings: {
          beatEveryMs: NEVER_MS,
          sweepEveryMs: NEVER_MS,
          schedulesEveryMs: NEVER_MS,
          databaseSilentMs: NEVER_MS,
        },
      },
    );
  });
  beforeEach(() => {
    streams = [];
  });
  afterEach(() => {
    for (const stream of streams) stream.close();
  });
  after(async () => {
    await coordinator.remove();
    await wire.close();
    await database.drop();
  });

  const attach = async (nodeId: string | undefined, runIds: string[]): Promise<RawStream> => {
    const { bundle } = (await coordinator.call('POST', `nodes/${nodeId}/enrolment`)).body;
    const stream = openRawStream(coordinator.grpcPort, await enrol(bundle));
    streams.push(stream);
    stream.say(helloOf(uuidv7(), runIds));
    await eventually(() => expect(stream.heard[0]?.kind).to.equal('welcome'));
    return stream;
  };
  /** There and back: what was said before has been heard. */
  const echo = async (stream: RawStream): Promise<void> => {
    const before = stream.heard.length;
    stream.say({ kind: 'unsupported', what: 'echo' });
    await eventually(() => expect(stream.heard.length).to.be.above(before));
  };
  /** Once nothing has come through for some echoes: what attaching and enrolling left to do is done. */
  const quiet = (stream: RawStream): Promise<number> =>
    eventually(async () => {
      const before = wire.bytes();
      for (let round = 0; round < 5; round += 1) await echo(stream);
      expect(wire.bytes()).to.equal(before);
      return before;
    });

  it('of an idle agent touch no table: nothing at all is said to the database', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'idle', ['n1']);
    const stream = await attach(nodeIds[0], []);
    const before = await quiet(stream);
    for (let beat = 0; beat < 20; beat += 1) stream.say({ kind: 'heartbeat', runs: [] });
    for (let round = 0; round < 5; round += 1) await echo(stream);
    expect(wire.bytes()).to.equal(before);
  });

  it('of many runs are written together, and only when something moved', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'busy', ['n1', 'n2', 'n3']);
    const { db } = openDatabase(database.connection, silentLogger, 2);
    try {
      const runIds: string[] = [];
      for (const nodeId of nodeIds) runIds.push((await insertRunOf(db, nodeId)).runId);
      const [first, second, third] = [
        await attach(nodeIds[0], [runIds[0] ?? '']),
        await attach(nodeIds[1], [runIds[1] ?? '']),
        await attach(nodeIds[2], [runIds[2] ?? '']),
      ];
      const progress = (at: number, ticks: number): RunProgress => ({
        runId: runIds[at] ?? '',
        stepNumber: 1,
        stepCount: 2,
        step: 'a',
        ticks,
      });
      const ticksOf = async (): Promise<(number | null)[]> => {
        const rows = await db.selectFrom('run').select(['id', 'progress']).execute();
        return runIds.map(
          (id) => (rows.find((row) => row.id === id)?.progress as RunProgress | null)?.ticks ?? null,
        );
      };
      const lastHeardOn = async (at: number): Promise<Date | null | undefined> =>
        (
          await db
            .selectFrom('run')
            .select('last_active_on')
            .where('id', '=', runIds[at] ?? '')
            .executeTakeFirst()
        )?.last_active_on;
      await quiet(first);
      const writes = await countWritesOf(db, 'run');
      for (let ticks = 1; ticks <= 20; ticks += 1) {
        first.say({ kind: 'heartbeat', runs: [progress(0, ticks)] });
        second.say({ kind: 'heartbeat', runs: [progress(1, ticks)] });
      }
      await eventually(async () => expect(await ticksOf()).to.deep.equal([20, 20, null]));
      expect(await writes()).to.be.below(10);
      const [written, heardOn] = [await writes(), await lastHeardOn(0)];
      for (let beat = 0; beat < 20; beat += 1) first.say({ kind: 'heartbeat', runs: [progress(0, 20)] });
      await echo(first);
      third.say({ kind: 'heartbeat', runs: [progress(2, 1)] });
      await eventually(async () => expect(await ticksOf()).to.deep.equal([20, 20, 1]));
      expect([await writes(), await lastHeardOn(0)]).to.deep.equal([written + 1, heardOn]);
    } finally {
      await db.destroy();
    }
  });
});
