import type { ReactNode } from 'react'
import { Redirect, useLocation } from 'wouter'
import { settingsRoute, settingsTabs, type SettingsTab } from '../../lib/routes.ts'
import { Page, PageContent, PageHeader } from '../../ui/page.tsx'
import { TabPanel, Tabs } from '../../ui/tabs.tsx'
import { AppearanceTab } from './appearance-tab.tsx'
import { ConnectionsTab } from './connections-tab.tsx'
import { DiagnosticsTab } from './diagnostics-tab.tsx'
import { PoliciesTab } from './policies-tab.tsx'
import { PoolsPanel } from './pools-panel.tsx'
import { RolesTab } from './roles-tab.tsx'
import './settings.css'
import { ShortcutsTab } from './shortcuts-tab.tsx'
import { StorageTab } from './storage-tab.tsx'

const tabs: Readonly<Record<SettingsTab, { label: string; answer: string; why: string; content: () => ReactNode }>> = {
  connections: {
    label: 'Connections',
    answer: 'What this console is connected to',
    why: 'The control plane runs inside this console; engines answer from here or from an endpoint.',
    content: () => <ConnectionsTab />,
  },
  roles: {
    label: 'Roles & rubrics',
    answer: 'Who argues, and what they are judged by',
    why: 'A run takes a copy of its role at launch: changes here touch no run that is already going.',
    content: () => <RolesTab />,
  },
  policies: {
    label: 'Policies',
    answer: 'Which rules a proposal must keep',
    why: 'Every final text is held against the rules that are on. A rule that denies fails the check; one that warns is only shown.',
    content: () => <PoliciesTab />,
  },
  batches: {
    label: 'Batches',
    answer: 'How many batches run at once, and what that costs',
    why: 'Without slots each batch starts as soon as its engine has room.',
    content: () => <PoolsPanel />,
  },
  appearance: {
    label: 'Appearance',
    answer: 'How the console looks',
    why: 'Kept by the host: every window of it shows the same.',
    content: () => <AppearanceTab />,
  },
  shortcuts: {
    label: 'Shortcuts',
    answer: 'Which key does what',
    why: 'Each action can have another key, or none. A page’s own key wins over the frame’s while the page is open.',
    content: () => <ShortcutsTab />,
  },
  storage: {
    label: 'Storage',
    answer: 'What is kept, and for how long',
    why: 'Everything lies in one folder on this machine; files of batches can go to an object store instead.',
    content: () => <StorageTab />,
  },
  diagnostics: {
    label: 'Diagnostics',
    answer: 'What went wrong, and what to attach to a bug report',
    why: 'Messages that were set aside, and a bundle of versions, settings, states and the last log lines.',
    content: () => <DiagnosticsTab />,
  },
}

export function SettingsPage({ tab }: { tab: string | undefined }) {
  const [, navigate] = useLocation()
  const shown = settingsTabs.find((each) => each === tab)
  if (shown === undefined) return <Redirect to={settingsRoute('connections')} replace />
  const { answer, why, content } = tabs[shown]
  return (
    <Page>
      <PageHeader crumb="Settings" verdict={answer} why={why} />
      <Tabs
        label="Settings"
        panelId="settings"
        value={shown}
        items={settingsTabs.map((id) => ({ id, label: tabs[id].label }))}
        onChange={(id) => navigate(settingsRoute(id))}
      />
      <PageContent>
        <TabPanel id="settings" tab={shown} className="settings">
          {content()}
        </TabPanel>
      </PageContent>
    </Page>
  )
}
