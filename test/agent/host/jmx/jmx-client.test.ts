// The client against peers that do not behave: each question ends, in time, with a JmxError.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { connectJmx as connectCassandra } from '../../../../agent/host/jmx/cassandra-mbeans.ts';
import type { TakePair } from '../../../../agent/host/jmx/java-reader.ts';
import { javaString } from '../../../../agent/host/jmx/java-writer.ts';
import { connectJmx, type JmxClient } from '../../../../agent/host/jmx/jmx-client.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { eventually } from '../../../support/eventually.ts';
import { ANSWERS, STUB_ANSWER } from './recorded-answers.ts';
import { ranges, writtenMap } from './written-map.ts';

const ACK = Buffer.from([0x4e, 0, 1, 0x68, 0, 0, 0, 1]);
const PORT_OF_STUB = 41099;
const answerNamed = (name: string): Buffer =>
  ANSWERS.find((answer) => answer.name === name)?.bytes ?? expect.fail(`no recorded answer ${name}`);

/** Rejects, and how. */
async function failure(question: Promise<unknown>): Promise<JmxError> {
  try {
    await question;
  } catch (error) {
    expect(error).to.be.instanceOf(JmxError);
    return error as JmxError;
  }
  return expect.fail('there was an answer');
}

describe('a JMX client', () => {
  const servers: Server[] = [];
  let sockets: Socket[] = [];

  /** Listens, and gives what each connection's calls are answered with: null for never. */
  async function serve(
    answer: (call: Buffer, port: number) => Buffer | null,
    ack: Buffer | null = ACK,
  ): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const isHello = chunk.subarray(0, 4).toString() === 'JRMI';
        if (isHello && ack !== null) socket.write(ack);
        const callAt = chunk.indexOf(Buffer.from([0x50, 0xac, 0xed]));
        const bytes = callAt < 0 ? null : answer(chunk.subarray(callAt), port);
        if (bytes !== null) socket.write(bytes);
      });
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return port;
  }

  /** The recorded stub, pointing at this port. */
  function stubAt(port: number): Buffer {
    const bytes = Buffer.from(STUB_ANSWER);
    const was = Buffer.alloc(4);
    was.writeUInt32BE(PORT_OF_STUB);
    bytes.writeUInt32BE(port, bytes.indexOf(was));
    return bytes;
  }

  const isQuestion = (call: Buffer): boolean => call.includes('javax.management.ObjectName');

  /** Connected to a server that answers questions with this. */
  async function connected(
    answer: () => Buffer | null,
    withinMs = 5_000,
    signal?: AbortSignal,
  ): Promise<JmxClient> {
    const port = await serve((call, own) => (isQuestion(call) ? answer() : stubAt(own)));
    return await connectJmx({ host: '127.0.0.1', port }, { withinMs, signal });
  }

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  it('gives up on a port that accepts and says nothing', async () => {
    const port = await serve(() => null, null);
    const error = await failure(connectJmx({ host: '127.0.0.1', port }, { withinMs: 50 }));
    expect(error.message).to.equal('no answer over JMX within 50 ms');
    await eventually(() => expect(sockets.every((socket) => socket.destroyed)).to.equal(true));
  });

  it('says so when nobody listens, and when the port speaks something else', async () => {
    const port = await serve(() => null, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const other = await failure(connectJmx({ host: '127.0.0.1', port }, { withinMs: 5_000 }));
    expect(other.message).to.equal('this port does not speak RMI');
    const server = servers.pop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server?.close(resolve));
    const nobody = await failure(connectJmx({ host: '127.0.0.1', port }, { withinMs: 5_000 }));
    expect(nobody.message).to.equal(`no JMX connection to 127.0.0.1:${port}`);
  });

  it('asks questions side by side, on connections that it uses again', async () => {
    const client = await connected(() => answerNamed('an ArrayList'));
    const ask = () => client.getAttribute('a:type=B', 'C');
    expect(await Promise.all([ask(), ask(), ask()])).to.deep.equal([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(await ask()).to.deep.equal(['a', 'b']);
    expect(sockets).to.have.length(3);
    client.close();
  });

  it('reads an answer that comes in crumbs', async () => {
    const client = await connected(() => null);
    const question = client.getAttribute('a:type=B', 'C');
    const socket = await eventually(() => sockets.at(-1) ?? expect.fail('not connected'));
    for (const byte of answerNamed('a LinkedHashMap of mixed values')) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await question).to.be.instanceOf(Map);
    client.close();
  });

  it('reads an answer of many parts, though it comes while the parts before are looked at', async () => {
    const head = [0x51, 0xac, 0xed, 0, 5, 0x77, 1, 1];
    // byte[] of 400,000
    const array = [
      0x75, 0x72, 0, 2, 0x5b, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x78, 0x70, 0, 6, 0x1a, 0x80,
    ];
    const client = await connected(() =>
      Buffer.concat([Buffer.from([...head, ...array]), Buffer.alloc(400_000)]),
    );
    expect(await client.getAttribute('a:type=B', 'C')).to.have.length(400_000);
    client.close();
  });

  it('ends one late question and answers the next', async () => {
    let answers = false;
    const client = await connected(() => (answers ? answerNamed('a Boolean') : null));
    const late = await failure(client.getAttribute('a:type=B', 'C', { withinMs: 50 }));
    expect(late.message).to.equal('no answer over JMX within 50 ms');
    answers = true;
    expect(await client.getAttribute('a:type=B', 'C')).to.equal(true);
    client.close();
  });

  it('ends a question when it is aborted, and all of them when the client is', async () => {
    const [one, all] = [new AbortController(), new AbortController()];
    const client = await connected(() => null, 60_000, all.signal);
    const first = failure(client.getAttribute('a:type=B', 'C', { signal: one.signal }));
    const second = failure(client.getAttribute('a:type=B', 'C'));
    one.abort();
    expect((await first).message).to.equal('the question over JMX was aborted');
    all.abort();
    expect((await second).message).to.equal('the JMX client was aborted');
    expect((await failure(client.getAttribute('a:type=B', 'C'))).message).to.equal(
      'the JMX client was aborted',
    );
    expect(
      (await failure(connectJmx({ host: '127.0.0.1', port: 1 }, { withinMs: 9, signal: all.signal })))
        .message,
    ).to.equal('the question over JMX was aborted');
  });

  it('closes its connections, and rejects what is under way', async () => {
    const client = await connected(() => null, 60_000);
    const question = failure(client.getAttribute('a:type=B', 'C'));
    client.close();
    expect((await question).message).to.equal('the JMX client was closed');
    await eventually(() => expect(sockets.every((socket) => socket.destroyed)).to.equal(true));
  });

  it('refuses an answer of more than 16 MiB', async () => {
    // The beginning of a block of 2 GiB, then zeros for as long as somebody listens.
    const head = Buffer.from([0x51, 0xac, 0xed, 0, 5, 0x77, 1, 1, 0x7c, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
    const client = await connected(() => Buffer.concat([head, Buffer.alloc(17 * 1024 * 1024)]));
    const error = await failure(client.getAttribute('a:type=B', 'C', { withinMs: 15_000 }));
    expect(error.message).to.equal('the answer over JMX is too large');
    client.close();
  });

  it('takes the pairs of a map that no answer may be as large as, and lets others have their turn', async () => {
    const many = ranges(6_000).map(
      ([range, replicas]) => [[...range, 'x'.repeat(3_000)], replicas] as [string[], string[]],
    );
    const bytes = writtenMap(many);
    expect(bytes.length).to.be.above(16 * 1024 * 1024);
    const client = await connected(() => bytes, 60_000);
    let [taken, turns] = [0, 0];
    const ticking = setInterval(() => (turns += 1), 1);
    const takePair: TakePair = (key, value) => {
      if (String([key, value]) !== String(many[taken])) expect.fail(`another pair at ${taken}`);
      taken += 1;
    };
    const answer = await client.invoke('a:type=B', 'c', [], { takePair });
    clearInterval(ticking);
    expect(answer).to.deep.equal(new Map());
    expect(taken).to.equal(6_000);
    expect(turns).to.be.above(3);
    const whole = await failure(client.invoke('a:type=B', 'c'));
    expect(whole.message).to.equal('the answer over JMX is too large');
    client.close();
  });

  it('refuses two answers to one question', async () => {
    const client = await connected(() => Buffer.concat([answerNamed('null'), answerNamed('null')]));
    expect((await failure(client.getAttribute('a:type=B', 'C'))).message).to.equal(
      'more than one answer over JMX',
    );
    client.close();
  });

  it('does not take what came unasked for the answer to the next question', async () => {
    const client = await connected(() => answerNamed('a Boolean'));
    expect(await client.getAttribute('a:type=B', 'C')).to.equal(true);
    sockets.at(-1)?.write(answerNamed('null'));
    // Whether the stray bytes are there yet is seen only by asking.
    const error = await eventually(async () => await failure(client.getAttribute('a:type=B', 'C')));
    expect(error.message).to.be.oneOf([
      'an answer over JMX without a question',
      'more than one answer over JMX',
    ]);
    client.close();
  });

  it('takes a peer for normal when it is alive and all of its statuses are NORMAL', async () => {
    let state = '';
    const head = Buffer.from([0x51, 0xac, 0xed, 0, 5, 0x77, 1, 1]);
    const port = await serve((call, own) => {
      if (!isQuestion(call)) return stubAt(own);
      return call.includes('LiveNodes')
        ? answerNamed('an ArrayList')
        : Buffer.concat([head, javaString(state)]);
    });
    const node = await connectCassandra(port, 5_000);
    state = '  STATUS:2:NORMAL,1\n  STATUS_WITH_PORT:1:NORMAL,1\n';
    expect((await node.sightOf('a')).normal).to.equal(true);
    expect((await node.sightOf('c')).normal).to.equal(false);
    state = '  STATUS:2:shutdown,true\n  STATUS_WITH_PORT:1:NORMAL,1\n';
    expect(await node.sightOf('a')).to.deep.equal({
      normal: false,
      detail: 'a is seen alive, status shutdown, NORMAL',
    });
    state = '  LOAD:9:1.0\n';
    expect(await node.sightOf('a')).to.deep.equal({
      normal: false,
      detail: 'a is seen alive, status unknown',
    });
    node.close();
  });

  it('refuses an answer of another type than the question has', async () => {
    let name = 'an int[]';
    const port = await serve((call, own) => (isQuestion(call) ? answerNamed(name) : stubAt(own)));
    const node = await connectCassandra(port, 5_000);
    expect((await failure(node.operationMode())).message).to.equal('a text was expected over JMX');
    expect((await failure(node.sightOf('a'))).message).to.equal('a text was expected over JMX');
    name = 'a Boolean';
    expect((await failure(node.sightOf('a'))).message).to.equal('a list was expected over JMX');
    node.close();
  });

  it('ends with a JmxError whatever bytes answer a question', async () => {
    let garbage = Buffer.alloc(0);
    const client = await connected(() => garbage);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.boolean(),
        async (bytes, looksReal) => {
          const head = looksReal ? [0x51, 0xac, 0xed, 0, 5, 0x77, 1, 1] : [];
          garbage = Buffer.from([...head, ...bytes, 0xff]);
          await failure(client.getAttribute('a:type=B', 'C', { withinMs: 20 }));
        },
      ),
      { numRuns: 60 },
    );
    client.close();
  });
});
