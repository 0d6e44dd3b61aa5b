// Webhooks: whom this server tells what happens.
import { WebhookIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/webhooks',
  nav: {
    order: 80,
    icon: WebhookIcon,
    label: { en: 'Webhooks', ru: 'Вебхуки', de: 'Webhooks' },
    group: 'server',
  },
  load: () => import('./webhooks-page.tsx'),
})
