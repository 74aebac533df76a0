// A machine in memory with Java and a version of the database that is asked what it makes of a configuration.
import type { CommandResult } from '../../agent/host/host.ts';
import { FakeHost } from './fake-host.ts';

export const HOME = '/srv/node1/cassandra-5.0.8';
const JAVA = 'openjdk version "17.0.15" 2025-04-15';
export const said = (exitCode: number, stderr: string): CommandResult => ({ exitCode, stdout: '', stderr });
export const REFUSES = 'org.apache.cassandra.exceptions.ConfigurationException: ';

/** With Java and the version's own jar. */
export class JavaHost extends FakeHost {
  readonly ran: (readonly string[])[] = [];
  /** to what it is given, by a part of its command line; else it goes well */
  readonly says = new Map<string, CommandResult | Error>();
  readonly tried: ReadonlyMap<string, string | Uint8Array>[] = [];

  constructor() {
    super();
    for (const [path, text] of this.packed) this.files.set(`${HOME}/${path}`, text);
    this.files.set('/srv/node1/installed.json', JSON.stringify({ product: 'cassandra', version: '5.0.8' }));
    this.zipped.set(`${HOME}/lib/apache-cassandra-5.0.8.jar`, Buffer.alloc(0));
    this.startNode();
  }
  override facts = async () => ({ 'free-disk-bytes': 1_000_000, 'user-id': 1000 });
  override async run(argv: readonly [string, ...string[]]): Promise<CommandResult> {
    this.ran.push(argv);
    this.tried.push(...this.privates.values());
    const [, answer] = [...this.says].find(([part]) => argv.join(' ').includes(part)) ?? [];
    if (answer instanceof Error) throw answer;
    return answer ?? said(0, JAVA);
  }
}
