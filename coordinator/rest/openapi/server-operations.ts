// Routes that are the coordinator's own, as the API's document tells them: log-in, health, settings, this document.
import { z } from 'zod';
import { FORMATS } from '../../../shared/formats.ts';
import { settingsSchema } from '../parameters.ts';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../sign-in-routes.ts';
import type { Operation } from './operation.ts';
import { alive, links, meta, nothing, ready, sessionOpened, settings } from './records.ts';

const FORM_OR_JSON = ['application/json', 'application/x-www-form-urlencoded'];

/** What no body may hold is not to be typed either. */
const secret = () => z.string().meta({ ...FORMATS.text.schema, writeOnly: true });

const oldPassword = () =>
  secret().meta({ description: 'The present one; needed while authentication is on.' });

/** By the names of their components. */
export const SERVER_SCHEMAS = {
  Links: links,
  Settings: settings,
  SettingChanges: settingsSchema(),
  Session: sessionOpened,
  Nothing: nothing,
  Meta: meta,
  Alive: alive,
  Ready: ready,
};

/** Below each base. */
export const baseOperations = (): Operation[] => [
  {
    method: 'get',
    path: '/',
    id: 'read-base',
    tag: 'Server',
    summary: 'Where everything begins: the lists, by name',
    answers: { 200: { description: 'Links.', schema: links } },
  },
  {
    method: 'get',
    path: '/settings/',
    id: 'read-settings',
    tag: 'Settings',
    summary: 'Settings that can be changed while coordinators run',
    answers: { 200: { description: 'All settings.', schema: settings } },
  },
  {
    method: 'put',
    path: '/settings/',
    id: 'change-settings',
    tag: 'Settings',
    summary: 'Changes settings; null takes a change back',
    body: { schema: SERVER_SCHEMAS.SettingChanges, required: true },
    answers: { 200: { description: 'All settings, as they are now.', schema: settings } },
  },
];

const logOut = {
  path: '/logout',
  tag: 'Server',
  summary: 'Ends the session that the request carries',
  open: true,
  answers: {
    200: { description: 'There is no such session any more.', schema: nothing, headers: ['set-cookie'] },
  },
} as const;

/** Once, at the root of the server. @param isGuarded whether a session is needed */
export const serverOperations = (isGuarded: boolean): Operation[] => [
  {
    method: 'post',
    path: '/login',
    id: 'log-in',
    tag: 'Server',
    summary: 'Opens a session',
    description: 'With authentication off everybody is let in, and the session is not needed.',
    open: true,
    body: {
      schema: z.object({ username: z.string().meta({ ...FORMATS.text.schema }), password: secret() }),
      required: true,
      types: FORM_OR_JSON,
    },
    answers: {
      200: {
        description: 'The session, for a header or as the cookie that is set.',
        schema: sessionOpened,
        headers: ['set-cookie'],
      },
    },
    refusals: ['Unauthenticated', 'TooManyAttempts'],
  },
  { ...logOut, method: 'get', id: 'log-out' },
  { ...logOut, method: 'post', id: 'log-out-by-post' },
  {
    method: 'put',
    path: '/users/{name}',
    id: 'change-password',
    tag: 'Server',
    summary: 'Changes a password, and ends every other session of that user',
    parameters: [
      {
        name: 'name',
        in: 'path',
        required: true,
        description: 'The name of the user: `admin`.',
        schema: z.string(),
      },
    ],
    body: {
      schema: z.object({
        password: secret().min(SHORTEST_PASSWORD).max(LONGEST_PASSWORD),
        old_password: isGuarded ? oldPassword() : oldPassword().optional(),
      }),
      required: true,
      types: FORM_OR_JSON,
    },
    answers: { 200: { description: 'It is changed.', schema: nothing } },
    refusals: ['NotFound', 'Conflict', 'TooManyAttempts'],
  },
  {
    method: 'get',
    path: '/meta',
    id: 'read-version',
    tag: 'Server',
    summary: 'The version, which clients ask for first',
    answers: { 200: { description: 'The version.', schema: meta } },
  },
  {
    method: 'get',
    path: '/cluster-configs',
    id: 'list-monitored-clusters',
    tag: 'Server',
    summary: 'The clusters that are monitored: none, ever',
    description: 'For clients that ask the original; clusters of the model are at `clusters/`.',
    answers: { 200: { description: 'An empty object.', schema: nothing } },
  },
  {
    method: 'get',
    path: '/livez',
    id: 'is-alive',
    tag: 'Server',
    summary: 'Whether the coordinator runs',
    open: true,
    answers: { 200: { description: 'It does.', schema: alive } },
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'is-ready',
    tag: 'Server',
    summary: 'Whether the coordinator can do its work',
    open: true,
    answers: {
      200: { description: 'It can.', schema: ready },
      503: {
        description: 'The database does not answer, or its disk is full: then only reading works.',
        schema: ready,
      },
    },
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'read-document',
    tag: 'Server',
    summary: 'This document',
    open: true,
    answers: {
      200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) },
    },
  },
];
