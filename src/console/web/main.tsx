/**
 * Where the page begins: providers around the application, and the nonce of this answer's policy.
 */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './page.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { makeQueries } from './api/queries.ts'
import { ApiProvider } from './api/use-api.tsx'
import { App } from './app.tsx'
import { KeyProvider } from './keys/use-keys.tsx'
import { SettingsProvider } from './shell/settings.tsx'
import { theme } from './theme.ts'

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={makeQueries()}>
        <ApiProvider>
          <SettingsProvider>
            {/* Going on is drawn at once: nothing that comes meanwhile may begin it anew. */}
            <BrowserRouter useTransitions={false}>
              <KeyProvider>
                <Notifications position="bottom-left" limit={4} containerWidth={380} />
                <App />
              </KeyProvider>
            </BrowserRouter>
          </SettingsProvider>
        </ApiProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
