import { expect, it } from 'vitest'
import { refusalOf } from './refusals.ts'

const reply = (status: number, message: string) => ({ status, body: { kind: 'Status', message }, warnings: [] })

it('passes over a manifest that an admission webhook keeps from being tried', () => {
  const message = 'admission webhook "prices.example.org" does not support dry run'
  expect(refusalOf(reply(400, message))).toEqual({ skipped: message, problems: [], warnings: [] })
})

it('takes a refusal by an admission webhook or a quota as one of the manifest', () => {
  const message =
    'services "web" is forbidden: exceeded quota: none, requested: services=1, used: services=0, limited: services=0'
  expect(refusalOf(reply(403, message))).toEqual({ skipped: null, problems: [{ path: '/', message }], warnings: [] })
})

it('names every field that does not fit the type, whatever the status', () => {
  const message =
    'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.template.spec.containers[name="a"].imag: field not declared in schema'
  expect(refusalOf(reply(500, message))?.problems).toEqual([
    { path: '/spec/replicas', message: 'expected numeric (int or float), got string' },
    { path: '/spec/template/spec/containers/name="a"', message: 'unknown field “imag”' },
  ])
})

it.each([401, 429, 500, 503, 504])('says nothing of the manifest where the server itself answers %i', (status) => {
  expect(refusalOf(reply(status, 'try again'))).toBeUndefined()
})
