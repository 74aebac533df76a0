// login, logout, password: a session of this person's, kept in the configuration file, and what opens it.
import type { Command } from 'commander';
import { keepToken } from './config-file.ts';
import { CliFailure } from './exit.ts';
import { examples } from './help.ts';
import { ApiRefusal, type Json } from './rest-client.ts';
import { readSecret, SOURCE_HELP, sourceOf } from './secret-sources.ts';
import type { Act, Session } from './session.ts';

const USER_OPTION = ['--user <name>', 'who logs in: admin unless given', 'admin'] as const;

/** From where the option says, else asked for. @throws CliFailure usage when nobody can be asked */
async function secretOf(session: Session, options: Json, option: string, question: string): Promise<string> {
  const { around } = session;
  const from = options[option.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
  if (typeof from === 'string') return await readSecret(sourceOf(option, from), around);
  if (!around.isInteractive) throw new CliFailure('usage', `--${option} is missing: ${SOURCE_HELP}`);
  const answer = await around.askSecret(question);
  if (around.interrupted.aborted || answer === null) throw new CliFailure('interrupted', 'nothing was done');
  if (answer === '') throw new CliFailure('usage', 'nothing was typed');
  return answer;
}

export function addLoginCommands(program: Command, act: Act): void {
  examples(
    program
      .command('login')
      .description('open a session on the coordinator, and keep it for the commands that follow')
      .option(...USER_OPTION)
      .option('--password-from <source>', `its password, asked for unless given: ${SOURCE_HELP}`),
    ['ringmaster login', 'ringmaster --server prod login --password-from file:/run/secrets/ringmaster'],
  ).action(
    act(async (session, _args, options) => {
      const { output, configPath, around, url } = session;
      const user = String(options['user']);
      const password = await secretOf(session, options, 'password-from', `Password of ${user} at ${url}: `);
      keepToken(configPath, url, await session.login(user, password));
      output.note(`logged in at ${url}; the session is kept in ${configPath}`);
      if (around.env['RINGMASTER_TOKEN'])
        output.note('warning: RINGMASTER_TOKEN is set, and comes before what is kept');
    }),
  );
  program
    .command('logout')
    .description('end the session, and forget it')
    .action(
      act(async ({ client, configPath, url, output }) => {
        await client.get('/logout');
        keepToken(configPath, url, null);
        output.note(`logged out at ${url}`);
      }),
    );
  program
    .command('password')
    .description('change a password, and end every other session of its user')
    .option(...USER_OPTION)
    .option('--old-from <source>', `the present password, asked for unless given: ${SOURCE_HELP}`)
    .option('--new-from <source>', `the new one, asked for unless given: ${SOURCE_HELP}`)
    .action(
      act(async (session, _args, options) => {
        const user = String(options['user']);
        const old = await secretOf(session, options, 'old-from', `Present password of ${user}: `);
        const password = await secretOf(session, options, 'new-from', `New password of ${user}: `);
        const again =
          options['newFrom'] === undefined
            ? await secretOf(session, {}, 'new-from', 'Once more: ')
            : password;
        if (again !== password) throw new CliFailure('usage', 'the new password was typed in two ways');
        await session.client
          .put(`/users/${encodeURIComponent(user)}`, { password, old_password: old })
          .catch((error: unknown) => {
            if (error instanceof ApiRefusal && error.status === 403)
              throw new CliFailure('auth', `the present password of ${user} is not right`);
            throw error;
          });
        session.output.note(`the password of ${user} is changed; its other sessions are over`);
      }),
    );
}
