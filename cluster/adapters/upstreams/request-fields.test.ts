import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findRequestFields } from './request-fields.ts'

describe('The model of a request is found without parsing it', () => {
  it.each([
    ['first', '{"model":"a","messages":[]}', 'a', false],
    ['last, with blanks', '{ "messages" : [ {"model":"no"} ] ,\n "model" : "a/b" , "stream" : true }', 'a/b', true],
    ['not in what the messages say', String.raw`{"messages":[{"content":"\"model\":\"x\", {"}],"model":"a"}`, 'a', false],
    ['not as a value', '{"kind":"model","name":"model"}', null, false],
    ['under a key with escapes', String.raw`{"model":"a","mod\u0065l":"b"}`, 'b', false],
    ['with escapes', String.raw`{"model":"gr\u00fcn \\"}`, 'grün \\', false],
    ['the last of two', '{"model":"a","stream":true,"model":"b","stream":false}', 'b', false],
    ['not where it is no text', '{"model":5}', null, false],
    ['not in something else', '["model","a"]', null, false],
    ['not where the text is cut off', '{"model":"a', null, false],
  ])('%s', (_what, json, model, stream) => {
    expect(findRequestFields(json)).toMatchObject({ model, stream })
  })

  it('and agrees with JSON.parse whatever the rest holds; another name changes nothing else', () => {
    const key = fc.constantFrom('model', 'stream', 'messages', 'a"b\\')
    fc.assert(
      fc.property(fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.boolean(), fc.string())), fc.string(), (body, name) => {
        const json = JSON.stringify(body)
        const found = findRequestFields(json)
        const model = body['model']
        expect(found.model).toBe(typeof model === 'string' ? model : null)
        expect(found.stream).toBe(body['stream'] === true)
        if (typeof model === 'string') expect(JSON.parse(found.withModel(name))).toEqual({ ...JSON.parse(json), model: name })
        else expect(found.withModel(name)).toBe(json)
      }),
    )
  })
})
