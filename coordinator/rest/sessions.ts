// Whose request it is: the session id from wherever clients put it, and a gate that lets nobody else through.
import { Readable } from 'node:stream';
import { Unauthenticated } from '../../shared/errors.ts';
import { hashSessionToken } from '../security/session-token.ts';
import { useSession } from '../store/sign-ins.ts';
import type { Context, RestParts, SignedIn } from './parts.ts';

export const COOKIE = 'opscenter-session';

/**
 * The first of what says something: the documented header, the one that clients make of the answer to /login,
 * a bearer token, the cookie. An empty header is what clients send that never signed in.
 */
export function tokenOf(ctx: Pick<Context, 'get' | 'cookies'>): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(ctx.get('authorization').trim())?.[1];
  const said = [ctx.get('opscenter-session'), ctx.get('sessionid'), bearer, ctx.cookies.get(COOKIE)];
  return said.find((token) => token !== undefined && token !== '') ?? null;
}

/** Lets through only who is signed in; everybody while authentication is off. @throws Unauthenticated */
export function sessionGate({ db, auth, liveHeartbeatMs }: RestParts) {
  const holder = async (tokenHash: string): Promise<SignedIn | null> => {
    const account = await useSession(db, tokenHash, auth.sessionIdleS);
    return account === null ? null : { account, tokenHash };
  };
  const signedIn = async (ctx: Context): Promise<SignedIn> => {
    const token = tokenOf(ctx);
    if (token === null)
      throw new Unauthenticated(
        'Log in first: POST /login with username and password, then send its sessionid as the header opscenter-session',
      );
    const tokenHash = hashSessionToken(token);
    const found = tokenHash === null ? null : await holder(tokenHash);
    if (found === null) throw new Unauthenticated('This session is over, or never was one: log in again');
    return found;
  };
  /** A stream is use of the session, and ends with it. */
  const watch = (ctx: Context, { tokenHash }: SignedIn): void => {
    if (ctx.res.closed) return;
    const timer = setInterval(() => {
      holder(tokenHash).then(
        (found) => {
          if (found === null) ctx.res.destroy();
        },
        () => {}, // the database is away: streams outlive that
      );
    }, liveHeartbeatMs);
    ctx.res.once('close', () => clearInterval(timer));
  };
  return async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    ctx.state.session = auth.isOn ? await signedIn(ctx) : null;
    await next();
    if (ctx.state.session !== null && ctx.body instanceof Readable) watch(ctx, ctx.state.session);
  };
}
