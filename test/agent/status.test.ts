// What `ringmaster-agent status` says and exits with, and how it asks the agent that runs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { serviceOf } from '../../agent/host/processes.ts';
import { LinkState } from '../../agent/status/link-state.ts';
import { answerStatus, askStatus, type Report } from '../../agent/status/socket.ts';
import { databaseNodeText, standingOf } from '../../agent/status/standing.ts';
import { exitCodeOf, statusText } from '../../agent/status/status-text.ts';
import { FakeHost } from '../support/fake-host.ts';
import { Scratch } from './disk/scratch.ts';

const SINCE = Date.UTC(2026, 0, 2, 3, 4, 5);
const REPORT: Report = {
  version: '0.1.0',
  pid: 7,
  startedMs: SINCE,
  link: { connected: true, address: 'lcm:9000', sinceMs: SINCE },
  runs: [
    { runId: 'r1', recipe: 'restart', step: 'drain-node' },
    { runId: 'r2', recipe: 'install', step: null },
  ],
  outbox: { records: 2, bytes: 300 },
};
const IDENTITY = { nodeId: 'n1', certificateEndMs: SINCE + 3.5 * 86_400_000 };

describe('agent status', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  it('is asked of the agent that runs, also where a killed one has left its socket', async () => {
    const directory = await scratch.directory();
    expect(await askStatus(directory)).to.equal(null);
    await writeFile(join(directory, 'status.socket'), '');
    const server = await answerStatus(directory, () => REPORT);
    scratch.atEnd(async () => void server.close());
    expect(await askStatus(directory)).to.deep.equal(REPORT);
  });

  it('is told without an agent from what is on disk', async () => {
    const dataDirectory = await scratch.directory();
    const standing = await standingOf(dataDirectory, new FakeHost(), null);
    expect(standing).to.deep.equal({
      dataDirectory,
      identity: null,
      report: null,
      databaseNode: 'none known',
    });
    expect(exitCodeOf(standing)).to.equal(4);
    expect(statusText(standing, SINCE)).to.equal(
      `agent: not running\nnode: not enrolled\ndata directory: ${dataDirectory}\ndatabase node: none known\n`,
    );
  });

  it('names coordinator, runs, outbox and the end of the certificate', () => {
    const standing = { dataDirectory: '/data', identity: IDENTITY, report: REPORT, databaseNode: 'NORMAL' };
    expect(exitCodeOf(standing)).to.equal(0);
    expect(
      statusText(standing, SINCE),
    ).to.equal(`agent: running since 2026-01-02T03:04:05Z, version 0.1.0, pid 7
node: n1
data directory: /data
coordinator: connected to lcm:9000 since 2026-01-02T03:04:05Z
runs: r1 (restart, drain-node), r2 (install)
outbox: 2 records, 300 bytes not yet stored
database node: NORMAL
certificate: ends 2026-01-05T15:04:05Z (3 days)
`);
  });

  it('tells an agent without coordinator from one that does not run', () => {
    const away = { ...REPORT, link: { connected: false, reason: 'refused', sinceMs: SINCE } as const };
    const standing = { dataDirectory: '/data', identity: IDENTITY, databaseNode: '' };
    expect(exitCodeOf({ ...standing, report: away })).to.equal(2);
    expect(exitCodeOf({ ...standing, report: null })).to.equal(3);
    const text = statusText({ ...standing, report: away }, SINCE);
    expect(text).to.include('coordinator: not connected since 2026-01-02T03:04:05Z: refused\n');
  });

  it('counts the time without a coordinator from the stream that ended, not from the last try', () => {
    const state = new LinkState(1);
    state.left('refused', 2);
    expect(state.link).to.deep.equal({ connected: false, reason: 'refused', sinceMs: 1 });
    state.attached('lcm:9000', 3);
    state.left('gone', 4);
    state.left('refused', 5);
    expect(state.link).to.deep.equal({ connected: false, reason: 'refused', sinceMs: 4 });
  });

  it('says of the database node whether it runs, and that its JMX is silent', async () => {
    const own = { directory: '/srv/node', jmxPort: 7199 };
    const host = new FakeHost();
    expect(await databaseNodeText(host, own)).to.equal('none installed (/srv/node)');
    host.files.set('/srv/node/installed.json', '');
    expect(await databaseNodeText(host, own)).to.equal('not running (/srv/node)');
    const silent = {
      exists: async () => true,
      findCassandra: async () => ({ pid: 9, startTicks: 1 }),
      jmx: () => Promise.reject(new Error('nobody there')),
    };
    expect(await databaseNodeText(silent, own)).to.equal(
      'running, but its JMX does not answer: nobody there, process 9 (/srv/node)',
    );
  });
});

describe('the cgroup of a process', () => {
  it('names the service that systemd keeps it in, in either version of cgroups', () => {
    expect(serviceOf('0::/system.slice/ringmaster-agent.service\n')).to.equal('ringmaster-agent.service');
    expect(serviceOf('4:memory:/\n1:name=systemd:/system.slice/a.service\n0::/\n')).to.equal('a.service');
  });

  it('is of no service in a session, a scope or a container', () => {
    for (const text of ['0::/\n', '0::/user.slice/session-1.scope\n', '4:memory:/x.service\n'])
      expect(serviceOf(text)).to.equal(null);
  });
});
