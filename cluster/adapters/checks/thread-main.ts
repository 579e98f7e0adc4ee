import { parentPort } from 'node:worker_threads'
import { skipped, type Parsed } from './finding.ts'
import { languageOf } from './languages.ts'
import type { TaskName, TaskReply, TaskRequest, ThreadTasks } from './thread-tasks.ts'

/** The thread in which texts are parsed: a parser that hangs or runs out of memory takes nothing else with it. */
parentPort?.on('message', (request: TaskRequest) => {
  void reply(request).then((message) => parentPort?.postMessage(message))
})

async function reply(request: TaskRequest): Promise<TaskReply> {
  try {
    return { kind: 'done', output: await perform(request) }
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault)
    return { kind: 'broke', reason: fault instanceof RangeError ? 'nested deeper than the parser goes' : reason }
  }
}

async function perform(request: TaskRequest): Promise<ThreadTasks[TaskName]['output']> {
  switch (request.task) {
    case 'parse':
      return await parseBlock(request.input)
    case 'policy':
      return (await import('./policy/evaluate.ts')).evaluatePolicy(request.input)
    case 'manifests':
      return (await import('./kubernetes/dry-run.ts')).boundedManifests(request.input.content, request.input.cluster)
    case 'dryrun': {
      const { content, schemasFile, cluster } = request.input
      return await (await import('./kubernetes/dry-run.ts')).dryRunOffline(content, schemasFile, cluster)
    }
    case 'scored':
      return (await import('./policy/evaluate-scored.ts')).evaluateScored(request.input.content, request.input.expressions)
    case 'fault-scored':
      return (await import('./policy/evaluate-scored.ts')).faultOfScored(request.input.expression)
    case 'fault':
      return (await import('./policy/evaluate.ts')).faultOf(request.input)
  }
}

async function parseBlock({ fence, text }: ThreadTasks['parse']['input']): Promise<Parsed> {
  const language = languageOf(fence)
  if (!language) return skipped(`no parser for ${fence}`)
  const parse = await language.load()
  return await parse(text, language.dialect)
}
