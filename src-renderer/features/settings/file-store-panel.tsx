import { PasswordInput, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'

type Kind = 'directory' | 's3'

/** Where input and result files of batches are kept: beside the log, or in an S3-compatible store. */
export function FileStorePanel() {
  const host = useHost()
  const [kind, setKind] = useState<Kind>('directory')
  const [endpoint, setEndpoint] = useState('')
  const [bucket, setBucket] = useState('')
  const [region, setRegion] = useState('us-east-1')
  const [accessKey, setAccessKey] = useState('')
  const [secretKey, setSecretKey] = useState('')
  const [stored, setStored] = useState<typeof kind>('directory')
  const [hasKeys, setHasKeys] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)

  useEffect(() => {
    const reading = new AbortController()
    host.settings.fileStore({}, reading.signal).then(
      ({ store, has_keys }) => {
        setKind(store.kind)
        setStored(store.kind)
        setHasKeys(has_keys)
        if (store.kind === 'directory') return
        setEndpoint(store.endpoint)
        setBucket(store.bucket)
        setRegion(store.region)
      },
      (fault: unknown) => reading.signal.aborted || setFailure(messageOf(fault)),
    )
    return () => reading.abort()
  }, [host])

  const save = async () => {
    setPending(true)
    setFailure(null)
    try {
      const store =
        kind === 'directory' ? { kind } : { kind, endpoint: endpoint.trim(), bucket: bucket.trim(), region: region.trim() }
      const keys = accessKey === '' && secretKey === '' ? {} : { keys: { access_key: accessKey, secret_key: secretKey } }
      await host.settings.saveFileStore({ store, ...keys })
      setStored(kind)
      setHasKeys(kind === 's3' || hasKeys)
      setAccessKey('')
      setSecretKey('')
      notify({ tone: 'good', title: 'Kept; it is used from the next start on' })
    } catch (fault) {
      setFailure(messageOf(fault))
    } finally {
      setPending(false)
    }
  }
  const missing =
    kind === 's3' && (endpoint.trim() === '' || bucket.trim() === '') ? 'Endpoint and bucket are needed.' : undefined
  return (
    <Panel
      title="Files of batches"
      note="files that are there already stay where they are; a change is used from the next start on"
      aside={
        <Segmented
          label="Where files of batches are kept"
          value={kind}
          options={[
            { value: 'directory', label: 'This machine' },
            { value: 's3', label: 'S3-compatible store' },
          ]}
          onChange={setKind}
        />
      }
    >
      <div className="stack gap-2">
        {kind === 's3' && (
          <div className="row top wrap">
            <TextInput
              label="Endpoint"
              placeholder="https://s3.example.org"
              value={endpoint}
              onChange={(event) => setEndpoint(event.currentTarget.value)}
            />
            <TextInput label="Bucket" value={bucket} onChange={(event) => setBucket(event.currentTarget.value)} />
            <TextInput label="Region" value={region} onChange={(event) => setRegion(event.currentTarget.value)} />
            <PasswordInput
              label="Access key"
              placeholder={hasKeys ? 'kept' : ''}
              value={accessKey}
              onChange={(event) => setAccessKey(event.currentTarget.value)}
            />
            <PasswordInput
              label="Secret key"
              placeholder={hasKeys ? 'kept' : ''}
              value={secretKey}
              onChange={(event) => setSecretKey(event.currentTarget.value)}
            />
          </div>
        )}
        {failure !== null && (
          <p className="t12 bad" role="alert">
            {failure}
          </p>
        )}
        {kind === 'directory' && stored === 'directory' ? (
          <p className="t12 fg2">They lie in the folder named above.</p>
        ) : (
          <div className="row">
            <Button pending={pending} reason={missing} onClick={() => void save()}>
              {kind === 's3' ? 'Try it and use it' : 'Use this machine'}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}
