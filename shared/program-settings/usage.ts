// What --help says of a program's settings: each with its flag, its variable and its default.
import type { Setting } from './lists.ts';

const defaultOf = ({ kind, fallback }: Setting): string => {
  if (kind === 'flag') return fallback === true ? 'true' : 'false';
  return fallback === null || fallback === '' ? '–' : String(fallback);
};

/** @param fileVariable names the file in the environment */
export function usageOf(headline: string, settings: readonly Setting[], fileVariable: string): string {
  const lines = settings.map((setting) => {
    const flag = `--${setting.name}${setting.kind === 'flag' ? '' : ` <${setting.kind === 'whole' ? 'number' : setting.kind}>`}`;
    return `  ${flag}\n      ${setting.help}\n      environment ${setting.env}, default ${defaultOf(setting)}`;
  });
  const file = `  --config <file>\n      a YAML file with these names\n      environment ${fileVariable}, default –`;
  return `${headline}

Settings, each by flag, else environment, else file, else default:

${[...lines, file, '  --help\n      this text'].join('\n')}
`;
}
