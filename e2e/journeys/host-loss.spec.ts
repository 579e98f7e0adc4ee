import { frame } from '../pages/frame.ts'
import { expect, test } from '../shells.ts'

test('a page whose host dies says so and keeps showing its last picture', async ({ shell, page }) => {
  const { live, reconnecting, heading } = frame(page)
  await expect(live).toBeVisible()
  process.kill(await shell.hostPid(), 'SIGKILL')
  await expect(reconnecting).toBeVisible()
  await expect(heading).toBeVisible()
})
