import { describe, expect, it } from 'vitest'
import { endpointInputOf } from './endpoint-fields.ts'
import { dollarsOf, microUsdOf } from './price.ts'

const fields = { name: ' lab ', baseUrl: 'http://127.0.0.1:8000/v1/', key: '', removeKey: false, parallel: 4 }

describe('the endpoint form', () => {
  it('an empty key field keeps the stored key', () => {
    expect(endpointInputOf(fields)).toEqual({ name: 'lab', base_url: 'http://127.0.0.1:8000/v1', parallel: 4 })
  })

  it('a written key replaces it, only the tick removes it', () => {
    expect(endpointInputOf({ ...fields, key: ' sk-1 ' }).api_key).toBe('sk-1')
    expect(endpointInputOf({ ...fields, key: 'sk-1', removeKey: true }).api_key).toBe('')
  })
})

describe('the price form', () => {
  it('shows micro-dollars as dollars and sends them back exactly', () => {
    expect([dollarsOf(150_000), microUsdOf(0.15), microUsdOf('0.6')]).toEqual([0.15, 150_000, 600_000])
  })

  it('no price is not the price 0', () => {
    expect([dollarsOf(null), microUsdOf(''), dollarsOf(0), microUsdOf(0)]).toEqual(['', null, 0, 0])
  })
})
