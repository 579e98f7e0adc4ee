/** Hands a text, whole or in pieces, to the browser as a file to keep. */
export function saveFile({
  file_name,
  text,
  media_type = 'text/plain',
}: {
  file_name: string
  text: string | readonly string[]
  media_type?: string
}): void {
  const address = URL.createObjectURL(new Blob(typeof text === 'string' ? [text] : [...text], { type: media_type }))
  const link = document.createElement('a')
  link.href = address
  link.download = file_name
  link.click()
  URL.revokeObjectURL(address)
}
