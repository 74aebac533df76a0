// A coordinator as a process of its own, on a database of its own, that can be restarted on the ports it had.
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { RestClient } from '../../../coordinator/cli/rest-client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import type { Held } from './held.ts';
import { type Program, startByNpm } from './programs.ts';

export class CoordinatorSite {
  readonly directory = mkdtempSync(join(tmpdir(), 'bench-agents-'));
  readonly database: TestDatabase;
  readonly sql: pg.Client;
  program: Program | null = null;
  restUrl = '';
  #ports = { rest: '0', grpc: '0' };
  #starts = 0;

  private constructor(database: TestDatabase, sql: pg.Client) {
    this.database = database;
    this.sql = sql;
  }

  static async start(): Promise<CoordinatorSite> {
    const database = await createTestDatabase();
    const sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    const site = new CoordinatorSite(database, sql);
    await site.startProgram();
    return site;
  }

  get pid(): number {
    return this.program?.pid ?? 0;
  }

  get rest(): RestClient {
    return new RestClient(`${this.restUrl}/api/v1/lcm`);
  }

  get agentAddress(): string {
    return `127.0.0.1:${this.#ports.grpc}`;
  }

  async startProgram(): Promise<void> {
    const env = {
      RINGMASTER_DATABASE_URL: this.database.url,
      RINGMASTER_DATA_DIR: this.directory,
      RINGMASTER_REST_PORT: this.#ports.rest,
      RINGMASTER_GRPC_PORT: this.#ports.grpc,
      RINGMASTER_ENROL_PORT: '0',
      RINGMASTER_GRPC_HOST: '127.0.0.1',
      NODE_OPTIONS: `--import ${new URL('./held.js', import.meta.url).href}`,
    };
    this.#starts += 1;
    const program = startByNpm('start', env, join(this.directory, `coordinator-${this.#starts}.log`));
    this.program = program;
    await eventually(
      () => {
        const ready = /"address":"(http:[^"]+:(\d+))".*"port":(\d+)/.exec(program.log());
        if (ready === null) throw new Error(`the coordinator is not ready:\n${program.log()}`);
        this.restUrl = ready[1] ?? '';
        this.#ports = { rest: ready[2] ?? '', grpc: ready[3] ?? '' };
      },
      { withinMs: 60_000 },
    );
  }

  /** What is left after a full collection; it changes what is measured after it. */
  async held(): Promise<Held> {
    const told = (): string[] => this.program?.log().match(/^held \{.*\}$/gm) ?? [];
    const before = told().length;
    process.kill(this.pid, 'SIGUSR2');
    return await eventually(() => {
      const line = told()[before];
      if (line === undefined) throw new Error('the coordinator has not told what it holds');
      return JSON.parse(line.slice('held '.length)) as Held;
    });
  }

  /** What went wrong since its last start: a figure beside which anything went wrong says nothing. */
  complaints(): string[] {
    const lines = this.program?.log().split('\n') ?? [];
    return lines.filter(
      (line) => line !== '' && !line.startsWith('held ') && !/"level":"(info|debug)"/.test(line),
    );
  }

  /** Transactions of this database since it was made; PostgreSQL counts with a delay of about a second. */
  async transactions(): Promise<number> {
    const answer = await this.sql.query<{ count: string }>(
      'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
    );
    return Number(answer.rows[0]?.count);
  }

  async remove(): Promise<void> {
    await this.program?.stop();
    await this.sql.end();
    await this.database.drop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
