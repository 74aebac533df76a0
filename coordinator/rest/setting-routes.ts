// Settings that an operator changes while coordinators run: one flat object.
import type { SettingValues } from '../../shared/settings.ts';
import { changeSettings, readSettings } from '../store/settings.ts';
import { readBody } from './body.ts';
import { settingChanges } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';

export function addSettingRoutes(
  router: Routes,
  { db, settingDefaults }: Pick<RestParts, 'db' | 'settingDefaults'>,
): void {
  const shown = (changed: Partial<SettingValues>): SettingValues => ({ ...settingDefaults, ...changed });
  router.get('/settings', async (ctx) => {
    ctx.body = shown(await readSettings(db));
  });
  router.put('/settings', async (ctx) => {
    const changes = settingChanges(await readBody(ctx.req));
    ctx.body = shown(await changeSettings(db, changes));
    ctx.state.log.info('settings changed', { reason: Object.keys(changes).join(', ') });
  });
}
