// Tracebacks of a job's errors: lists leave them out, so each costs a call, which is made only where it is shown.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { cli } from '../../../support/cli.ts';

const JOB = '5f0c1c4e-0000-4000-8000-000000000000';
const event = (id: string, type: string): Record<string, unknown> => ({
  id,
  'node-id': null,
  'event-type': type,
  'event-subtype': 'any',
  message: `message ${id}`,
  'created-on': '2026-01-01T00:00:00.000Z',
});
const ERRORS = Array.from({ length: 20 }, (_, at) => event(`e${at}`, 'error'));

describe('the errors of a job', () => {
  /** @param line after `job events JOB` @returns what came of it, and which records were read singly */
  async function told(line: string, hasTraceback = true) {
    const singly: string[] = [];
    const server = createServer(({ url = '' }, answer) => {
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      const [last = '', collection] = pathname.split('/').filter(Boolean).reverse();
      const list = searchParams.has('event-type') ? ERRORS : [event('m', 'milestone'), ...ERRORS];
      if (last === JOB) answer.end(JSON.stringify({ id: JOB }));
      else if (last === 'job_nodes') answer.end('{"results":[],"next":null}');
      else if (last === 'job_events') answer.end(JSON.stringify({ results: list, next: null }));
      else if (collection === 'job_events') {
        singly.push(last);
        answer.end(
          JSON.stringify({
            ...event(last, 'error'),
            traceback: hasTraceback ? `traceback of ${last}` : null,
          }),
        );
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return { ...(await cli(url, ['job', 'events', JOB, ...line.split(' ').filter(Boolean)])), singly };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('are not read singly to be listed', async () => {
    for (const line of ['', '--errors -q', '-o json']) {
      const { code, err, singly } = await told(line);
      expect([line, code, singly, err]).to.deep.equal([line, 0, [], '']);
    }
  });

  it('are said to have tracebacks where one of the first has one', async () => {
    const [traced, without] = [await told('--errors'), await told('--errors', false)];
    expect([traced.code, traced.err]).to.deep.equal([0, 'their tracebacks: --traceback shows them\n']);
    expect([without.code, without.err]).to.deep.equal([0, '']);
    expect(without.singly).to.have.length(8);
  });

  it('are read singly for their tracebacks, and told in their order', async () => {
    const ids = ERRORS.map(({ id }) => String(id));
    const { code, out, singly } = await told('--errors --traceback');
    expect([code, [...singly].sort()]).to.deep.equal([0, [...ids].sort()]);
    expect([...out.matchAll(/^ {2}traceback of (\w+)$/gm)].map(([, id]) => id)).to.deep.equal(ids);
    const data = JSON.parse((await told('--errors -o json')).out) as Record<string, unknown>[];
    expect(data.map(({ traceback }) => traceback)).to.deep.equal(ids.map((id) => `traceback of ${id}`));
    expect((await told('--traceback')).singly).to.have.length(ids.length);
  });
});
