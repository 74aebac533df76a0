// What the coordinator's configuration says of values that it cannot use.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../coordinator/config.ts';

describe("the coordinator's configuration", () => {
  it('refuses a database-url that is none, by the name of its setting, without repeating it', () => {
    const wrong = [
      'garbage',
      'localhost:5432/ringmaster',
      'mysql://root:secret@db/ringmaster',
      'postgres://root:secret@db:port/ringmaster',
      'postgres://root:se/cret@db/ringmaster',
      'postgres:ringmaster',
      'postgres://',
    ];
    const must = 'must be a URL such as postgres://user:password@db.example.com:5432/ringmaster';
    for (const url of wrong) {
      const told = (): unknown => readConfig(['--database-url', url], {});
      expect(told, url)
        .to.throw(`--database-url: ${must}`)
        .with.property('message')
        .not.match(/se\/?cret|garbage/);
    }
    expect(() => readConfig([], { RINGMASTER_DATABASE_URL: 'garbage' })).to.throw(
      `RINGMASTER_DATABASE_URL: ${must}`,
    );
  });

  it('says of each value that it cannot use where it stands', () => {
    const directory = mkdtempSync(join(tmpdir(), 'settings-'));
    const file = join(directory, 'coordinator.yaml');
    try {
      writeFileSync(file, 'log-level: loud\nrest-port: x\nrest-host: 192.0.2.1\npublic-url: nowhere\n');
      expect(() => readConfig(['--config', file, '--bootstrap', 'maybe'], { RINGMASTER_AUTH: 'yes' }))
        .to.throw()
        .with.property('message')
        .that.includes(`${file}: log-level: "loud" must be one of`)
        .and.includes(`${file}: rest-port: "x" must be a whole number`)
        .and.includes(`${file}: public-url: "nowhere" must be a URL`)
        .and.includes('\n  --bootstrap: "maybe"')
        .and.includes('\n  RINGMASTER_AUTH: "yes"');
      writeFileSync(file, 'rest-host: 192.0.2.1\n');
      expect(() => readConfig(['--config', file], {})).to.throw(
        `${file}: rest-host: 192.0.2.1 is not loopback`,
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('tells by the exit code whether the command line or the settings are wrong', () => {
    expect(() => readConfig(['--rest-prot', '1', '--auth', 'yes'], {}))
      .to.throw()
      .with.property('exitCode', 64);
    expect(() => readConfig(['--auth', 'yes'], { RINGMASTER_REST_PORT: 'x' }))
      .to.throw()
      .with.property('exitCode', 78);
  });

  it('takes a database-url as the driver does, with a host, a folder of sockets, or several words of its own', () => {
    for (const url of [
      'postgres://db/ringmaster',
      'postgresql://root:p%40ss@[::1]:5432/ringmaster?sslmode=verify-full',
      'postgres://root@/ringmaster?host=%2Frun%2Fpostgresql&port=5433',
      'postgres:///ringmaster',
      'socket:/run/postgresql?db=ringmaster',
      '/run/postgresql ringmaster',
    ])
      expect(readConfig(['--database-url', url], {}).databaseUrl).to.equal(url);
    expect(readConfig([], {}).databaseUrl).to.equal(null);
  });
});
