/** What a scraper is told now, in the text format that the content type names. */
export type ReadMetrics = () => Promise<{ readonly contentType: string; readonly text: string }>
