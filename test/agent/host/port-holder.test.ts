// Which process listens on a port: this one, another one, on this address or another.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { listenersIn } from '../../../agent/host/port-holder.ts';
import { startTicksOf } from '../../../agent/host/proc.ts';

describe('who listens on a port', () => {
  const host = new LinuxHost();
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const listenHere = async (address: string, port = 0): Promise<number> => {
    const server: Server = createServer().listen(port, address);
    await once(server, 'listening');
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  };
  /** In a process of its own. */
  const listenOnIpv6Only = (port: number) =>
    begin(
      `require('net').createServer().listen({ port: ${port}, host: '::', ipv6Only: true }, () => { console.log(${port}) })`,
    );
  const self = async () => ({
    process: { pid: process.pid, startTicks: (await startTicksOf(process.pid)) ?? 0 },
    directory: '/srv/node1',
  });
  /** A process that listens, with more words on its command line. */
  const listenElsewhere = async (...words: string[]) => {
    const program = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
    return await begin(program, ...words);
  };
  const begin = async (program: string, ...words: string[]) => {
    const child = spawn(process.execPath, ['-e', program, '--', ...words]);
    ends.push(async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { pid: child.pid ?? 0, port: Number(said.toString()) };
  };

  it('is nobody but the node itself for its own ports', async () => {
    const port = await listenHere('127.0.0.1');
    expect(await host.portHolder('127.0.0.1', port, await self())).to.equal(null);
    expect(await host.portHolder('127.0.0.1', 1, await self())).to.equal(null);
    const { startTicks } = (await self()).process;
    const gone = { process: { pid: 999_999_999, startTicks }, directory: '/srv/node1' };
    expect(await host.portHolder('127.0.0.1', port, gone), 'not to be told').to.equal(null);
  });

  it('is another process, by its pid and name, unless that is the node as well', async () => {
    const { pid, port } = await listenElsewhere();
    expect(await host.portHolder('localhost', port, await self())).to.deep.equal({ pid, program: 'node' });
    const main = ['-Dcassandra.logdir=/srv/node1/logs', 'org.apache.cassandra.service.CassandraDaemon'];
    const node = await listenElsewhere(...main);
    expect(await host.portHolder('127.0.0.1', node.port, await self())).to.equal(null);
    expect(await host.portHolder('127.0.0.1', node.port, null)).to.include({ pid: node.pid });
  });

  it('counts on the address that is asked for, and on all of them where either listens everywhere', async () => {
    const one = await listenHere('127.0.0.1');
    expect(await host.portHolder('127.0.0.2', one, null)).to.equal(null);
    expect(await host.portHolder('0.0.0.0', one, null)).to.include({ pid: process.pid });
    const all = await listenHere('0.0.0.0');
    expect(await host.portHolder('127.0.0.2', all, null)).to.include({ pid: process.pid });
    expect(await host.portHolder('::1', all, null), 'IPv4 only').to.equal(null);
  });

  it('is nobody where the node has that very address, though another listens on an address beside it', async () => {
    const { pid, port } = await listenElsewhere();
    await listenHere('127.0.0.2', port);
    expect(await host.portHolder('127.0.0.2', port, await self())).to.equal(null);
    expect(await host.portHolder('0.0.0.0', port, await self()), 'not all of them').to.include({ pid });
    await listenOnIpv6Only(port);
    expect(await host.portHolder('127.0.0.2', port, await self())).to.equal(null);
  });

  it('is read from the tables of the kernel, of IPv6 and of IPv4 written as IPv6 too', () => {
    const line = (local: string, state: string, inode: number): string =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0`;
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      line('0100007F:2352', '0A', 1),
      line('0100007F:2352', '01', 2), // a connection
      line('0000000000000000FFFF00000100007F:2352', '0A', 3),
      line('B80D0120000000000000000001000000:2352', '0A', 4),
      '',
    ].join('\n');
    const inodes = (address: string, port = 9042) =>
      listenersIn(table, address, port).map(({ inode }) => inode);
    expect(inodes('127.0.0.1')).to.deep.equal(['1', '3']);
    expect(inodes('2001:db8:0::1')).to.deep.equal(['4']);
    expect(inodes('::')).to.deep.equal(['1', '3', '4']);
    expect(inodes('127.0.0.1', 9043)).to.deep.equal([]);
    const wide = [line('00000000:2352', '0A', 5), line(`${'0'.repeat(32)}:2352`, '0A', 6)];
    const covering = (address: string) => listenersIn(['', ...wide].join('\n'), address, 9042);
    expect(covering('10.0.0.5').map(({ inode }) => inode)).to.deep.equal(['5', '6']);
    expect(covering('fd00::5'), 'not by IPv4 alone').to.deep.equal([{ inode: '6', hasAll: true }]);
    expect(covering('::')[0], 'an address of all').to.deep.equal({ inode: '5', hasAll: false });
  });
});
