// What --help says of a program's settings: each with its flag, its variable and its default.
import type { Setting } from './lists.ts';

const defaultOf = ({ kind, fallback }: Setting): string => {
  if (kind === 'flag') return fallback === true ? 'true' : 'false';
  return fallback === null || fallback === '' ? '–' : String(fallback);
};

/** @param file where the settings are read from: the variable that names it, and '' or the one that is read otherwise */
export function usageOf(
  headline: string,
  settings: readonly Setting[],
  file: { variable: string; fallback: string },
): string {
  const lines = settings.map((setting) => {
    const flag = `--${setting.name}${setting.kind === 'flag' ? '' : ` <${setting.kind === 'whole' ? 'number' : setting.kind}>`}`;
    return `  ${flag}\n      ${setting.help}\n      environment ${setting.env}, default ${defaultOf(setting)}`;
  });
  const config = `  --config <file>\n      a YAML file with these names\n      environment ${file.variable}, default ${file.fallback || '–'}`;
  return `${headline}

Settings, each by flag, else environment, else file, else default:

${[...lines, config, '  --help\n      this text'].join('\n')}
`;
}
