// Login, logout and the change of a password, in the words of the original.
import {
  Conflict,
  type FieldProblem,
  InvalidInput,
  NotFound,
  PermissionDenied,
  Unauthenticated,
} from '../../shared/errors.ts';
import { formatProblem, lengthOf } from '../../shared/formats.ts';
import { hashPassword, verifyPassword } from '../security/password-hash.ts';
import { hashSessionToken, makeSessionToken } from '../security/session-token.ts';
import { changePassword, endSession, openSession, readPasswordHash } from '../store/sign-ins.ts';
import { type Body, readFormOrJson } from './body.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { COOKIE, tokenOf } from './sessions.ts';

export const SHORTEST_PASSWORD = 8;
export const LONGEST_PASSWORD = 1_024;
/** As JavaScript counts; no more of what was sent is worth a hash. */
const MOST_UNITS = 2 * LONGEST_PASSWORD + 1;

/** @throws InvalidInput that names every field that is no text */
function textsOf<Name extends string>(body: Body, names: readonly Name[]): Record<Name, string> {
  const problems = names
    .filter((name) => typeof body[name] !== 'string')
    .map((name): FieldProblem => ({ pointer: `/${name}`, message: 'must be a string' }));
  if (problems.length > 0) throw new InvalidInput('The body lacks what it needs', problems);
  return body as Record<Name, string>;
}

const addressOf = (ctx: Context): string => ctx.req.socket.remoteAddress ?? '';

/** @param open routes that need no session @param inner routes that do */
export function addSignInRoutes(open: Routes, inner: Routes, { db, auth, hrefs }: RestParts): void {
  const { guard } = auth;
  const cookie = (value: string, more = ''): string => {
    const secure = hrefs.publicUrl?.startsWith('https:') ? '; Secure' : '';
    return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${more}`;
  };
  const signIn = async (ctx: Context, body: Body, token: string): Promise<void> => {
    const { username, password } = textsOf(body, ['username', 'password']);
    const passwordHash = await readPasswordHash(db, username);
    const isRight = await guard.attempt({ account: username, address: addressOf(ctx) }, () =>
      verifyPassword(passwordHash, password.slice(0, MOST_UNITS)),
    );
    const tokenHash = hashSessionToken(token);
    const opened =
      isRight &&
      passwordHash !== null &&
      tokenHash !== null &&
      (await openSession(db, {
        tokenHash,
        account: username,
        passwordHash,
        lifetimeS: auth.sessionLifetimeS,
      }));
    // Without the name that was tried: people type passwords there.
    if (!opened) {
      ctx.state.log.warn('log-in refused', { address: addressOf(ctx) });
      throw new Unauthenticated('The user name or the password is not right');
    }
    ctx.state.log.info('logged in', { address: addressOf(ctx) });
  };

  open.post('/login', async (ctx) => {
    const body = await readFormOrJson(ctx.req, ['username', 'password']);
    const token = makeSessionToken();
    // Clients log in without knowing whether they have to: with authentication off the id is good for nothing, and not needed.
    if (auth.isOn) await signIn(ctx, body, token);
    ctx.set('set-cookie', cookie(token));
    ctx.body = { sessionid: token };
  });

  const logout = async (ctx: Context): Promise<void> => {
    const tokenHash = hashSessionToken(tokenOf(ctx) ?? '');
    if (tokenHash !== null) await endSession(db, tokenHash);
    ctx.set('set-cookie', cookie('', '; Max-Age=0'));
    ctx.body = {};
  };
  open.get('/logout', logout);
  open.post('/logout', logout);

  /** Whoever asks has to know the present password too, but where authentication is off: that is the way back in. */
  const checkOld = async (ctx: Context, account: string, passwordHash: string, body: Body) => {
    const { old_password } = textsOf(body, ['old_password']);
    const isRight = await guard.attempt({ account, address: addressOf(ctx) }, () =>
      verifyPassword(passwordHash, old_password.slice(0, MOST_UNITS)),
    );
    if (!isRight) throw new PermissionDenied('old_password is not the present password');
  };
  inner.put('/users/:name', async (ctx) => {
    const account = ctx.params['name'] ?? '';
    const body = await readFormOrJson(ctx.req, ['password', 'old_password']);
    const { password } = textsOf(body, ['password']);
    const length = lengthOf(password);
    if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD)
      throw new InvalidInput('The password cannot be taken', [
        {
          pointer: '/password',
          message: `must be of ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`,
        },
      ]);
    // A name that cannot be one is nobody's; the database would not even take all of them.
    const from = formatProblem('name', account) === null ? await readPasswordHash(db, account) : null;
    if (from === null) throw new NotFound('user', account.slice(0, 64));
    if (auth.isOn) await checkOld(ctx, account, from, body);
    const keep = ctx.state.session?.tokenHash ?? null;
    if (!(await changePassword(db, account, { from, to: await hashPassword(password), keep })))
      throw new Conflict('The password was changed by somebody else in this moment');
    ctx.state.log.info('password changed', { address: addressOf(ctx) });
    ctx.body = {};
  });
}
