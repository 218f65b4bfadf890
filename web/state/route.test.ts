import { expect, it } from 'vitest'
import { accountPath, routeOf } from './route.ts'

const route = (path: string, test = false) => routeOf(new URL(path, 'http://127.0.0.1:8787'), test)

it('starts by itself only in test mode', () => {
  expect(route('/?address=0xA&start=1')).toEqual({
    page: 'contribute',
    address: '0xA',
    memoryBytes: null,
    autostart: false,
  })
  expect(route('/?address=0xA&start=1', true)).toMatchObject({ autostart: true })
  expect(route('/?start=yes', true)).toMatchObject({ autostart: false, address: null })
})

it('opens a receipt from the query and from the hash', () => {
  expect(route('/account/0xA?receipt=r%201')).toEqual({ page: 'account', address: '0xA', receipt: 'r 1' })
  expect(route('/account/0xA/#receipt=r1')).toMatchObject({ receipt: 'r1' })
  expect(route('/account/0xA')).toMatchObject({ receipt: null })
  expect(route(accountPath('0xA', 'a&b'))).toMatchObject({ address: '0xA', receipt: 'a&b' })
})

it('knows its pages, with and without a slash at the end, and nothing else', () => {
  expect(route('/network/')).toEqual({ page: 'network' })
  expect(route('/lab')).toEqual({ page: 'lab' })
  for (const path of ['/account', '/account/', '/networks', '/account/0xA/more', '/labs']) {
    expect(route(path)).toEqual({ page: 'missing' })
  }
  expect(route('/account/%E0%A4%A')).toMatchObject({ address: '%E0%A4%A' })
})

it('takes the memory for language models in megabytes, and nothing else', () => {
  expect(route('/?memory=600')).toMatchObject({ memoryBytes: 600e6 })
  expect(route('/?memory=0.25')).toMatchObject({ memoryBytes: 250_000 })
  for (const wrong of ['', '-1', '1.', '1e3', 'all', '12345678'])
    expect(route(`/?memory=${wrong}`)).toMatchObject({ memoryBytes: null })
})
