import { useHost } from '../../../lib/console.tsx'
import type { Live } from '../../../lib/live-store.ts'
import { useStream } from '../../../lib/use-stream.ts'
import type { TemplateView } from '../shapes.ts'

/** Every template, hidden ones too, live. */
export function useTemplates(): Live<readonly TemplateView[]> {
  const host = useHost()
  return useStream('templates', {
    open: (signal) => host.template.watch({}, signal),
    fold: (_: readonly TemplateView[] | null, { templates }) => templates,
  })
}
