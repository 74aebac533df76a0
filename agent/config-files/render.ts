// Pristine text + profile + the model's own values -> the text of a configuration file. Pure.

import type { ConfigFileId } from '../../shared/config-files.ts';
import { pointerTo } from '../../shared/errors.ts';
import { renderCassandraEnvSh } from './cassandra-env-sh.ts';
import { renderCassandraYaml, renderDseYaml } from './cassandra-yaml.ts';
import { renderDseDefault, renderDseEnvSh } from './dse-shell.ts';
import { checkFileIds, FILES } from './files.ts';
import { HEADER, withHeader, withoutHeader, XML_HEADER } from './header.ts';
import { type JvmFileId, renderJvmOptions } from './jvm-options.ts';
import { renderLogbackXml } from './logback-xml.ts';
import { renderRackdcProperties } from './rackdc-properties.ts';
import type { RenderInput } from './render-input.ts';
import { refuse } from './settings.ts';

type Renderer = (pristine: string, input: RenderInput) => string;
const jvm =
  (fileId: JvmFileId): Renderer =>
  (pristine, input) =>
    renderJvmOptions(fileId, pristine, input);

const RENDERERS: Readonly<Record<ConfigFileId, Renderer>> = {
  'cassandra-yaml': renderCassandraYaml,
  'cassandra-env-sh': renderCassandraEnvSh,
  'cassandra-rackdc-properties': renderRackdcProperties,
  'jvm-options': jvm('jvm-options'),
  'jvm-server-options': jvm('jvm-server-options'),
  'jvm8-server-options': jvm('jvm8-server-options'),
  'jvm11-server-options': jvm('jvm11-server-options'),
  'jvm17-server-options': jvm('jvm17-server-options'),
  'logback-xml': renderLogbackXml,
  'dse-yaml': renderDseYaml,
  'dse-default': renderDseDefault,
  'dse-env-sh': renderDseEnvSh,
};

const isFileOf = (fileId: string, input: RenderInput): fileId is ConfigFileId =>
  Object.hasOwn(FILES[input.product], fileId);

/**
 * The whole text to write. The same pristine text, profile and model give the same bytes.
 * @param pristine as the product's version ships it; '' for a file that is created
 * @throws InvalidInput with JSON pointers into the profile (`/cassandra-yaml/…`) or the model (`/model/…`)
 */
export function renderFile(fileId: string, pristine: string, input: RenderInput): string {
  checkFileIds(input);
  if (!isFileOf(fileId, input))
    return refuse(pointerTo(fileId), `is no configuration file of ${input.product}`);
  const header = fileId === 'logback-xml' ? XML_HEADER : HEADER;
  // a byte order mark would end up behind our first line
  const text = withoutHeader(pristine.replace(/^\ufeff/, ''), header);
  return withHeader(RENDERERS[fileId](text, input), header);
}
