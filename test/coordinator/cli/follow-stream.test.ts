// Following a job over connections that break: nothing twice, nothing missed, and an end to trying.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { RestClient } from '../../../coordinator/cli/rest-client.ts';
import { serverEvents } from '../../../coordinator/cli/server-events.ts';

type Connection = (answer: ServerResponse) => void;

const event = (id: number): string =>
  `id: ${id}\nevent: job-event\ndata: ${JSON.stringify({ message: `event ${id}` })}\n\n`;
const END = 'event: end\ndata: {"status":"COMPLETE"}\n\n';
const stream =
  (...texts: string[]): Connection =>
  (answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.end(texts.join(''));
  };
const refusal =
  (status: number): Connection =>
  (answer) => {
    answer.writeHead(status, { 'content-type': 'application/json' });
    answer.end('{"message":"no","errors":[]}');
  };

/** Serves these connections one after the other and follows job "j" over them. */
async function follow(connections: readonly Connection[], signal = new AbortController().signal) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, answer) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    connections[asked.length - 1]?.(answer);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const client = new RestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/lcm`);
  const told: string[] = [];
  try {
    const status = await client.follow('j', (_kind, data) => told.push(String(data['message'])), signal, {
      lost: () => told.push('lost'),
      resumed: () => told.push('resumed'),
    });
    return { asked, told, status };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('following a job', () => {
  it('goes on after the last event that it has seen, and says so', async () => {
    const { asked, told, status } = await follow([stream(event(1), event(2)), stream(event(3), END)]);
    expect(asked).to.deep.equal([undefined, '2']);
    expect(told).to.deep.equal(['event 1', 'event 2', 'lost', 'resumed', 'event 3']);
    expect(status).to.equal('COMPLETE');
  });

  it('sees an event cut in half only once it is whole', async () => {
    const { told } = await follow([stream(event(1), event(2).slice(0, -3)), stream(event(2), END)]);
    expect(told).to.deep.equal(['event 1', 'lost', 'resumed', 'event 2']);
  });

  it('tries again while the server is not well, and says it once', async () => {
    const { told } = await follow([
      stream(event(1)),
      refusal(503),
      (answer) => answer.destroy(),
      stream(END),
    ]);
    expect(told).to.deep.equal(['event 1', 'lost', 'resumed']);
  });

  it('gives up at once when there is nothing to come back to', async () => {
    const error = await follow([stream(event(1)), refusal(404)]).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('status', 404);
  });

  it('tries again when the first connection already fails: the job was found a moment before', async () => {
    const { told } = await follow([(answer) => answer.destroy(), refusal(503), stream(event(1), END)]);
    expect(told).to.deep.equal(['lost', 'resumed', 'event 1']);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const open: Connection = (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(event(1), () => stop.abort());
    };
    const error = await follow([open], stop.signal).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('name', 'AbortError');
  });

  it('reads events whatever the pieces they come in, heartbeats as comments', async () => {
    const bytes = new TextEncoder().encode(
      'id: 1\r\nevent: a\r\ndata: ü\r\ndata: 2\r\n\r\n: heartbeat\n\ndata:x\n\nid: 9',
    );
    for (let size = 1; size < 12; size += 1) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      const events = [];
      for await (const one of serverEvents(pieces())) events.push(one);
      expect(events).to.deep.equal([
        { kind: 'a', id: '1', data: 'ü\n2' },
        { kind: 'comment', id: null, data: '' },
        { kind: 'message', id: null, data: 'x' },
      ]);
    }
  });
});
