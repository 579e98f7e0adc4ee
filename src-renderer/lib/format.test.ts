import { describe, expect, it } from 'vitest'
import { age, bytes, cost, counted, duration, moment, percent, rate, tokens } from './format.ts'

/** Spaces that do not break, as plain ones: easier to read in a table. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('formatting', () => {
  it.each([
    [-5, '0.0 s'],
    [0, '0.0 s'],
    [23, '23 ms'],
    [400, '0.4 s'],
    [951, '1 s'],
    [52_400, '52 s'],
    [59_700, '1 m 00 s'],
    [367_000, '6 m 07 s'],
    [8_040_000, '2 h 14 m'],
    [32_700_000, '9 h 05 m'],
    [277_200_000, '3 d 5 h'],
  ])('a length of %d ms reads %s', (ms, text) => expect(plain(duration(ms))).toBe(text))

  it.each([
    [-1, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 m'],
    [7_300_000, '2 h'],
    [200_000_000, '2 d'],
  ])('an age of %d ms has one unit: %s', (ms, text) => expect(plain(age(ms))).toBe(text))

  it.each([
    [0, '$0'],
    [400, '< $0.001'],
    [43_000, '$0.043'],
    [4_380_000, '$4.38'],
    [573_200_000, '$573'],
    [1_234_567_000_000, '$1,234,567'],
  ])('%d micro-dollars read %s', (microUsd, text) => expect(plain(cost(microUsd))).toBe(text))

  it.each([
    [0, '0'],
    [10_844, '10,844'],
    [123_600, '124 k'],
    [999_600, '1.0 M'],
    [29_400_000, '29.4 M'],
  ])('%d tokens read %s', (count, text) => expect(plain(tokens(count))).toBe(text))

  it.each([
    [0, '0 B'],
    [930, '930 B'],
    [98_362_432, '98 MB'],
    [1_945_000_000, '1.9 GB'],
    [999_600_000, '1.0 GB'],
  ])('%d bytes read %s', (count, text) => expect(plain(bytes(count))).toBe(text))

  it.each([
    [0, '0 %'],
    [0.004, '< 1 %'],
    [0.435, '44 %'],
    [0.999, '99 %'],
    [1, '100 %'],
  ])('a share of %d reads %s and never rounds up to the whole', (share, text) => expect(plain(percent(share))).toBe(text))

  it('rates below ten keep one digit, and zero is 0', () => {
    expect([0, 0.44, 9.96, 1700].map(rate)).toEqual(['0', '0.4', '10.0', '1,700'])
  })

  it('a time of today is a clock time, one of this week names its day, an older one its date', () => {
    const now = new Date(2026, 6, 16, 14, 32).getTime()
    const at = (day: number, month = 6, year = 2026) => moment(new Date(year, month, day, 9, 5).getTime(), now)
    expect([at(16), at(14), at(1), at(1, 6, 2025)]).toEqual(['09:05', 'Tue 09:05', '1 Jul 09:05', '1 Jul 2025 09:05'])
  })

  it('counts agree with their noun', () => {
    expect([counted(1, 'run'), counted(3, 'run'), counted(2, 'reply', 'replies')].map(plain)).toEqual([
      '1 run',
      '3 runs',
      '2 replies',
    ])
  })
})
