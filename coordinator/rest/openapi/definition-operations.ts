// What a config profile may say, by version, as the API's document tells it.
import { z } from 'zod';
import type { Operation, Parameter } from './operation.ts';
import { ID } from './parameters.ts';

const listed = z.strictObject({ version: z.string(), href: z.string() });
const definitionList = z.strictObject({ dse: z.array(listed), cassandra: z.array(listed) });
const definitions = z.strictObject({
  version: z.string(),
  product: z.enum(['dse', 'cassandra']),
  href: z.string(),
  definitions: z
    .record(z.string(), z.record(z.string(), z.looseObject({ type: z.string() })))
    .meta({ description: 'By file (cassandra-yaml, dse-yaml, …), then by setting.' }),
});
export const DEFINITION_SCHEMAS = { DefinitionList: definitionList, Definitions: definitions };

const PRODUCT: Parameter = {
  name: 'product',
  in: 'query',
  description: 'Where a version could be of either.',
  schema: z.enum(['dse', 'cassandra']),
};

export const definitionOperations = (): Operation[] => [
  {
    method: 'get',
    path: '/definitions/',
    id: 'list-definitions',
    tag: 'Definitions',
    summary: 'The versions whose settings are known',
    parameters: [PRODUCT],
    answers: { 200: { description: 'By product.', schema: definitionList } },
    refusals: ['InvalidInput'],
  },
  {
    method: 'get',
    path: '/definitions/{version}/',
    id: 'read-definitions',
    tag: 'Definitions',
    summary: 'What a config profile of this version may set in each file',
    parameters: [
      {
        name: 'version',
        in: 'path',
        required: true,
        description: 'Of DSE or Cassandra.',
        schema: z.string().meta({ examples: ['6.8.36'] }),
      },
      PRODUCT,
    ],
    answers: { 200: { description: 'Type, default and description of every setting.', schema: definitions } },
    refusals: ['InvalidInput', 'NotFound'],
  },
  {
    method: 'get',
    path: '/clusters/{id}/cacert',
    id: 'read-cluster-cacert',
    tag: 'Clusters',
    summary: 'The CA certificate of a cluster: always a 404',
    description: "The nodes' own certificates are the operator's; the coordinator makes none for them.",
    parameters: [ID],
    answers: {},
    refusals: ['InvalidInput'],
  },
];
