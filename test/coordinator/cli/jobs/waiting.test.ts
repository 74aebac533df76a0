// Following a job where answers fail, come late or never come: what is waited for, and for how long.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { cli } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';
import { deafStep } from '../../../support/gated-step.ts';
import { becomes, postRestart, terminate } from '../../../support/jobs.ts';
import { startLinkAgent } from '../../../support/link-agent.ts';

describe('a job that is waited for', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());
  let made = 0;
  /** @returns the id of one that is over: nobody serves its node, so it ends as TERMINATED */
  const over = async (): Promise<string> => {
    made += 1;
    const { clusterId } = await modelCluster(coordinator, `waited-${made}`, ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    return id;
  };

  it('is given up by a second terminate with --force alone, and only once the first has had its time', async () => {
    for (const terminateAgainMs of [0, 600_000]) {
      const at = await startTestCoordinator({}, { timings: { terminateAgainMs, sweepEveryMs: 100 } });
      const ends = [() => at.remove()];
      try {
        const { clusterId, nodeIds } = await modelCluster(at, 'twice', ['n1']);
        const { bundle } = (await at.call('POST', `nodes/${nodeIds[0]}/enrolment`)).body;
        const deaf = deafStep();
        const agent = await startLinkAgent(bundle, () => [deaf.step]);
        ends.push(() => agent.stop());
        const id = await postRestart(at, clusterId);
        await becomes(at, id, 'RUNNING');
        const ask = (...more: string[]) => cli(at.restUrl, ['job', 'terminate', id, ...more]);
        const requests = async (): Promise<number> =>
          (await at.call('GET', `jobs/${id}/job_events/?event-subtype=terminate-requested`)).body.count;
        expect((await ask()).err).to.contain('is in progress');
        const unforced = await ask(); // whether a pass has looked at it or not
        expect(unforced.code).to.equal(6);
        expect(unforced.err)
          .to.match(/termination was asked for already \(20\d\d-/)
          .and.to.contain('--force');
        expect(await requests()).to.equal(1);
        const forced = await ask('--force');
        if (terminateAgainMs === 0) {
          expect(forced.code).to.equal(0);
          expect(forced.err).to.contain('is given up');
          await becomes(at, id, 'TERMINATED');
        } else {
          expect(forced.code).to.equal(6);
          expect(forced.err).to.match(/counts in \d+ s/);
          expect(await requests()).to.equal(1);
        }
      } finally {
        for (const end of ends.reverse()) await end();
      }
    }
  });

  it('is not being terminated once it is over', async () => {
    const { code, err } = await cli(coordinator.restUrl, ['job', 'terminate', await over()]);
    expect(code).to.equal(6);
    expect(err)
      .to.match(/is over \(TERMINATED\)/)
      .and.not.to.contain('--force');
  });

  it('waits for a coordinator that goes away once the job was found: before, during and after the stream', async () => {
    const id = await over();
    const asked = new Map<string, number>();
    const front = createServer(async ({ url = '' }, answer) => {
      const path = new URL(url, coordinator.restUrl).pathname;
      const count = (asked.get(path) ?? 0) + 1;
      asked.set(path, count);
      // The job itself is read twice: to find it, and when it has ended.
      if (count === (path.endsWith(id) ? 2 : 1)) {
        if (path.endsWith('/stream')) answer.destroy();
        else answer.writeHead(503).end('{"message":"the database is away"}');
        return;
      }
      answer.end(await (await fetch(new URL(url, coordinator.restUrl))).text());
    }).listen(0, '127.0.0.1');
    await once(front, 'listening');
    try {
      const there = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
      const { code, err } = await cli(there, ['job', 'wait', id]);
      expect(code).to.equal(3);
      expect(err.match(/connection lost .*; the job goes on without it/g)).to.have.length(3);
      expect(err.match(/connected again/g)).to.have.length(3);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });

  it('waits no longer than --timeout, nor after Ctrl-C, for an answer that does not come, and as long as a 429 asks', async () => {
    const id = await over();
    const { clusterId } = await modelCluster(coordinator, 'unserved', ['n1']);
    const pending = await postRestart(coordinator, clusterId);
    let isMute = true;
    let refusedAt = 0;
    let askedAgainAfterMs = 0;
    const interrupted = new AbortController();
    const front = createServer(async ({ url = '' }, answer) => {
      if (url.includes('/job_nodes/') && isMute) return void front.emit('mute');
      if (url.includes('/job_nodes/') && refusedAt === 0) {
        refusedAt = performance.now();
        answer.writeHead(429, { 'retry-after': '1' }).end('{"message":"too often"}');
        return;
      }
      if (url.includes('/job_nodes/')) askedAgainAfterMs ||= performance.now() - refusedAt;
      answer.end(await (await fetch(new URL(url, coordinator.restUrl))).text());
    }).listen(0, '127.0.0.1');
    await once(front, 'listening');
    try {
      const there = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
      const startedOn = performance.now();
      const { code, err } = await cli(there, ['job', 'wait', pending, '--timeout', '1s']);
      expect([code, err]).to.deep.equal([
        124,
        `error: job ${pending} is still PENDING after 1s\n  it goes on; look at it again: ringmaster job watch ${pending}\n`,
      ]);
      const known = await cli(there, ['job', 'wait', id, '--timeout', '1s', '-o', 'json']);
      expect([known.code, JSON.parse(known.out).status]).to.deep.equal([3, 'TERMINATED']);
      expect(known.err)
        .to.contain('ended TERMINATED')
        .and.not.to.match(/connection lost|still|goes on/);
      const muted = once(front, 'mute');
      const watching = cli(there, ['job', 'watch', id], { interrupted: interrupted.signal });
      await muted;
      interrupted.abort();
      expect((await watching).code).to.equal(130);
      expect(performance.now() - startedOn).to.be.below(15_000); // half of what an answer may take
      isMute = false;
      expect((await cli(there, ['job', 'wait', id])).code).to.equal(3);
      expect(askedAgainAfterMs).to.be.at.least(1_000);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });
});
