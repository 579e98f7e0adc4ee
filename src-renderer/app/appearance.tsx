import { localStorageColorSchemeManager, MantineProvider, useMantineColorScheme } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import { cssVariablesResolver, theme } from '../ui/theme.ts'
import { usePreferences } from '../lib/shared-streams.tsx'

/** The nonce that this response's policy allows for styles; the shell puts it into the page. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}

// Read by get-nonce, through which the parts that lock scrolling find their nonce.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() })

/** The chosen theme is mirrored here, so that first-paint.js knows it before the host has answered. */
const colorSchemeManager = localStorageColorSchemeManager({ key: 'signalbox.theme' })

export function Appearance({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      getStyleNonce={styleNonce}
    >
      {children}
    </MantineProvider>
  )
}

/** Follows the preference that the host keeps: both shells and every window show the same theme. */
export function useChosenTheme(): void {
  const { preferences, known } = usePreferences()
  const { setColorScheme } = useMantineColorScheme()
  useEffect(() => {
    if (known) setColorScheme(preferences.theme === 'system' ? 'auto' : preferences.theme)
  }, [known, preferences.theme, setColorScheme])
}
