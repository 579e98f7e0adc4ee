import { configure } from '@testing-library/react'

// A bound, not a wait: what is looked for is found as soon as it is there, also on a loaded machine.
configure({ asyncUtilTimeout: 30_000 })
