import { Modal, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { notify } from '../../ui/notify.tsx'

/** Adds a model file that is already on this machine. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const host = useHost()
  const form = useForm({
    initialValues: { path: '' },
    validate: { path: (path) => (path.trim() === '' ? 'Write the path of a .gguf file.' : null) },
  })
  const save = form.onSubmit(async ({ path }) => {
    try {
      const { id } = await host.model.importFile({ path: path.trim() })
      notify({ tone: 'good', title: 'Model imported', body: id })
      onClose()
    } catch (fault) {
      form.setFieldError('path', messageOf(fault))
    }
  })
  return (
    <Modal opened onClose={onClose} title="Import a GGUF file" size="md">
      <form className="stack gap-3" onSubmit={save}>
        <TextInput
          label="Path on the machine that runs the host"
          description="The file stays where it is; its header is read to learn size and context."
          placeholder="/models/my-model-q4_k_m.gguf"
          data-autofocus
          {...form.getInputProps('path')}
        />
        <div className="row">
          <span className="push" />
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button command variant="primary" type="submit" pending={form.submitting}>
            Import
          </Button>
        </div>
      </form>
    </Modal>
  )
}
