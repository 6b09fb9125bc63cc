// Serves emulate's Slack on a free port until standard input ends; prints that port as JSON.
// node serve.mjs FOLDER_WITH_NODE_MODULES < seed.json (one line)
import { createServer, request as forward } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const library = join(process.argv[2], 'node_modules', 'emulate', 'dist', 'api.js')
const { createEmulator } = await import(pathToFileURL(library))

const lines = createInterface({ input: process.stdin })
const seed = JSON.parse((await lines[Symbol.asyncIterator]().next()).value)
process.stdin.on('end', () => process.exit(0)).resume()

const emulator = await createEmulator({ service: 'slack', port: 0, seed })
const port = new URL(emulator.url).port
const server = createServer((incoming, outgoing) => {
  if (incoming.url === '/reset') {
    emulator.reset()
    return outgoing.end('{}')
  }
  const { method, path, headers, body } = asPost(incoming)
  const options = { host: '127.0.0.1', port, method, path, headers, agent: false }
  const onward = forward(options, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', (error) => outgoing.destroy(error))
  if (body === undefined) incoming.pipe(onward)
  else onward.end(body)
})

// Slack takes every Web API method both ways, and its SDK reads with GET; emulate reads forms.
function asPost({ method, url, headers }) {
  const [path, body] = [url.split('?', 1)[0], url.split('?').slice(1).join('?')]
  if (method !== 'GET' || !path.startsWith('/api/')) return { method, path: url, headers }
  const form = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
  }
  return { method: 'POST', path, headers: { ...headers, ...form }, body }
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(JSON.stringify({ port: server.address().port }) + '\n')
})
