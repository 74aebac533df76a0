// What routes are given, and the types they share.
import type Router from '@koa/router';
import type Koa from 'koa';
import type { Logger } from '../../shared/log.ts';
import type { SettingValues } from '../../shared/settings.ts';
import type { LoginGuard } from '../security/login-guard.ts';
import type { SealBox } from '../security/seal.ts';
import type { Database, Executor } from '../store/database.ts';
import type { Wakes, WakeTopic } from '../store/wakes.ts';
import type { HrefOptions } from './hrefs.ts';
import type { UiFiles } from './ui-files.ts';
import type { Base } from './views.ts';

/** Whose session a request came with. */
export interface SignedIn {
  account: string;
  tokenHash: string;
}

/** What a route changes the world with. */
export interface Writes {
  db: Executor;
  /** once what was written can be seen */
  wake: (topic: WakeTopic, id: string) => void;
}

export interface State {
  base: Base;
  /** says of each line whose request it belongs to */
  log: Logger;
  /** null while authentication is off */
  session: SignedIn | null;
  writes: Writes;
}
export type Context = Koa.ParameterizedContext<State>;
export type Routes = Router<State>;

/** What routes need; made once in main. */
export interface RestParts {
  db: Database;
  wakes: Wakes;
  box: SealBox;
  /** what holds while nobody has changed it at run time */
  settingDefaults: SettingValues;
  /** an enrolment bundle for this node: a new secret each time */
  enrolmentBundle: (db: Executor, nodeId: string) => Promise<{ bundle: string; expiresOn: Date }>;
  hrefs: HrefOptions;
  auth: {
    /** off: everybody may do everything */
    isOn: boolean;
    sessionIdleS: number;
    sessionLifetimeS: number;
    guard: LoginGuard;
  };
  /** a second request to terminate counts as one only this long after the first */
  terminateAgainMs: number;
  /** how often a live stream gives a sign of life, and looks although nothing woke it */
  liveHeartbeatMs: number;
  /** null when the web desk has not been built */
  ui: UiFiles | null;
  log: Logger;
}
