// Mounts the desk: one API, one cache, one page.
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Api, ApiContext } from './api/api.ts';
import { Connection } from './api/connection.ts';
import { makeQueryClient } from './api/queries.ts';
import { App } from './app.tsx';
import { ClockProvider } from './parts/clock.tsx';
import '../../shared/tokens.css';
import './styles/tones.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/shell.css';
import './styles/jobs.css';
import './styles/job.css';
import './styles/log.css';
import './styles/topology.css';
import './styles/run.css';
import './styles/sign-in.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <ApiContext value={new Api(new Connection())}>
      <QueryClientProvider client={makeQueryClient()}>
        <ClockProvider>
          <App />
        </ClockProvider>
      </QueryClientProvider>
    </ApiContext>
  </StrictMode>,
);
