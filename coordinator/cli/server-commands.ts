// server list, add, use, remove; ping and version; settings show and set: the coordinator itself.
import type { Command } from 'commander';
import { didYouMean } from '../../shared/nearest-word.ts';
import { SETTING_NAMES, SETTING_RANGE } from '../../shared/settings.ts';
import { VERSION } from '../../shared/version.ts';
import { readConfigFile, shownUrl, urlProblem, writeConfigFile } from './config-file.ts';
import { CliFailure } from './exit.ts';
import { examples, group } from './help.ts';
import { cell } from './output.ts';
import type { Json } from './rest-client.ts';
import { readSecret, SOURCE_HELP, sourceOf } from './secret-sources.ts';
import type { Act, Session } from './session.ts';
import { harmless } from './terminal/harmless.ts';
import { valueOfText, valueProblem } from './values.ts';

const unknownServer = (name: string, known: readonly string[]): CliFailure =>
  new CliFailure('not-found', `no server named ${name}${didYouMean(name, known)}`, [
    '`ringmaster server list` shows the known ones',
  ]);

/** Whoever chose a server and speaks to another one should know. */
function tellOfEnvironment({ around, output }: Session): void {
  const url = around.env['RINGMASTER_URL'];
  if (url)
    output.note(
      `in use is RINGMASTER_URL of the environment, which comes before: ${harmless(shownUrl(url))}`,
    );
}

function addServers(program: Command, act: Act): void {
  const server = group(program, 'server', 'coordinators that are known by name, and the one in use');
  server
    .command('list')
    .description('the known ones; tokens are not shown')
    .action(
      act(async (session) => {
        const { around, configPath, output } = session;
        const { current, servers } = readConfigFile(configPath);
        const all = Object.entries(servers).map(([name, { url, token }]) => ({
          name,
          url,
          current: name === current && !around.env['RINGMASTER_URL'],
          token: token !== undefined,
        }));
        if (output.quiet) for (const { name } of all) output.line(harmless(name));
        else
          output.list(
            all,
            [{ head: '' }, { head: 'NAME' }, { head: 'URL', yields: 'name' }, { head: 'TOKEN' }],
            all.map((one) => [one.current ? '*' : '', one.name, one.url, cell(one.token)]),
            'no servers; `ringmaster server add NAME URL` makes one known',
          );
        tellOfEnvironment(session);
      }),
    );
  examples(
    server
      .command('add <name> <url>')
      .description('make one known, or change it; the first one is in use from then on')
      .option('--token-from <source>', `a session token: ${SOURCE_HELP}`),
    ['ringmaster server add prod https://ringmaster.example.com --token-from -'],
  ).action(
    act(async (session, [name = '', url = ''], options) => {
      const { configPath, around, output } = session;
      const wrong = urlProblem(url);
      if (wrong !== null) throw new CliFailure('usage', wrong);
      if (!/^[\w.-]+$/.test(name))
        throw new CliFailure('usage', `"${name}" must be made of letters, digits, "_", "-" and "."`);
      const from = options['tokenFrom'];
      const token =
        typeof from === 'string' ? { token: await readSecret(sourceOf('token-from', from), around) } : {};
      const file = readConfigFile(configPath);
      const servers = { ...file.servers, [name]: { url, ...token } };
      writeConfigFile(configPath, { current: file.current ?? name, servers });
      const former = Object.hasOwn(file.servers, name) ? file.servers[name]?.url : undefined;
      const replaced = former === undefined || former === url ? '' : `, replaced ${harmless(former)}`;
      output.note(
        `${name} is ${url}${replaced}${file.current === null ? ', and in use unless told otherwise' : ''}`,
      );
      if (file.current === null) tellOfEnvironment(session);
    }),
  );
  server
    .command('use <name>')
    .description('speak to this one unless told otherwise')
    .action(
      act(async (session, [name = '']) => {
        const { configPath, output } = session;
        const file = readConfigFile(configPath);
        if (!Object.hasOwn(file.servers, name)) throw unknownServer(name, Object.keys(file.servers));
        writeConfigFile(configPath, { ...file, current: name });
        output.note(`${name} is in use unless told otherwise`);
        tellOfEnvironment(session);
      }),
    );
  server
    .command('remove <name>')
    .description('forget it and its token')
    .action(
      act(async ({ configPath, output }, [name = '']) => {
        const { current, servers } = readConfigFile(configPath);
        if (!Object.hasOwn(servers, name)) throw unknownServer(name, Object.keys(servers));
        const { [name]: _gone, ...rest } = servers;
        writeConfigFile(configPath, { current: current === name ? null : current, servers: rest });
        output.note(`${name} is forgotten`);
      }),
    );
}

async function ping({ client, url, output }: Session): Promise<void> {
  const fromMs = performance.now();
  const meta = await client.get('/meta');
  const tookMs = Math.round(performance.now() - fromMs);
  const ready = await client.get('/readyz');
  const answer = { url, version: meta['version'], database: ready['database'], 'took-ms': tookMs };
  if (output.isData) output.data(answer);
  else
    output.line(
      harmless(
        `${url} answers in ${tookMs} ms: version ${cell(meta['version'])}, its database ${cell(ready['database'])}`,
      ),
    );
}

async function version(session: Session): Promise<void> {
  const { output } = session;
  const coordinator = await session.client.get('/meta').then(
    (meta) => String(meta['version']),
    (error: Error) => {
      output.note(`the coordinator did not say its version: ${harmless(error.message)}`);
      return null;
    },
  );
  const own = {
    cli: VERSION,
    coordinator,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
  if (output.isData) output.data(own);
  else output.sheet(Object.entries(own).map(([name, value]) => [name, value ?? '-'] as const));
}

function settingsOf(given: readonly string[]): Json {
  const names: readonly string[] = SETTING_NAMES;
  return Object.fromEntries(
    given.map((pair) => {
      const [name = '', text] = pair.split(/=(.*)/s);
      if (!names.includes(name))
        throw new CliFailure('usage', `no setting ${name}${didYouMean(name, names)}`, [
          `there are ${names.join(', ')}`,
        ]);
      if (text === undefined)
        throw new CliFailure('usage', `${name} lacks its value`, [`say ${name}=SECONDS, or ${name}=default`]);
      if (text === 'default') return [name, null];
      const rule = { type: 'integer', ...SETTING_RANGE } as const;
      const value = valueOfText(rule, text);
      const wrong = valueProblem(rule, value);
      if (wrong !== null) throw new CliFailure('usage', `${name} ${wrong} (seconds), or "default"`);
      return [name, value];
    }),
  );
}

function addSettings(program: Command, act: Act): void {
  const settings = group(program, 'settings', 'what can be changed while coordinators run');
  const print = ({ output }: Session, values: Json): void => {
    if (output.isData) output.data(values);
    else output.sheet(Object.entries(values).map(([name, value]) => [name, `${cell(value)} s`] as const));
  };
  settings
    .command('show')
    .description('all of them')
    .action(act(async (session) => print(session, await session.client.get('settings'))));
  examples(
    settings
      .command('set')
      .argument('<name=value...>', `seconds, or "default": ${SETTING_NAMES.join(', ')}`)
      .description('change some; "default" takes a change back'),
    ['ringmaster settings set restart-idle-timeout=600 adoption-window=default'],
  ).action(
    act(async (session, given) => print(session, await session.client.put('settings', settingsOf(given)))),
  );
}

export function addServerCommands(program: Command, act: Act): void {
  addSettings(program, act);
  addServers(program, act);
  program.command('ping').description('whether the coordinator and its database answer').action(act(ping));
  program.command('version').description('of this program and of the coordinator').action(act(version));
}
