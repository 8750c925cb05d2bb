// AWS's JavaScript SDK on the emulator: every operation, every error and the paging loop. What it has seen it prints as
// one JSON object, for the test that started it.
import assert from 'node:assert/strict'
import {
  IoTSecureTunnelingClient, OpenTunnelCommand, DescribeTunnelCommand, CloseTunnelCommand, ListTunnelsCommand,
  TagResourceCommand, UntagResourceCommand, ListTagsForResourceCommand, RotateTunnelAccessTokenCommand,
  paginateListTunnels, ResourceNotFoundException, LimitExceededException,
} from '@aws-sdk/client-iotsecuretunneling'

const { ENDPOINT, ACCOUNT, REGION, ADMIN_SECRET, NOW } = process.env
const client = new IoTSecureTunnelingClient({
  endpoint: ENDPOINT, region: REGION, maxAttempts: 1, credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'none' },
})

async function faults(...rules) {
  const answer = await fetch(ENDPOINT + '/_adit/faults', {
    method: 'PUT', headers: { Authorization: 'Bearer ' + ADMIN_SECRET }, body: rules.join('\n'),
  })
  assert.equal(answer.status, 200, await answer.text())
}

async function refusal(command, name) {
  const error = await client.send(command).then(() => assert.fail(`${command.constructor.name} was not refused`), e => e)
  assert.equal(error.name, name, String(error))
  assert.ok(error.message, `${name} has no message`)
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/)
  return error
}

// Every operation.
const opened = await client.send(new OpenTunnelCommand({
  description: 'hi there', tags: [{ key: 'a', value: 'b' }],
  destinationConfig: { thingName: 't', services: ['SSH', 'HTTP'] }, timeoutConfig: { maxLifetimeTimeoutMinutes: 60 },
}))
assert.equal(opened.tunnelArn, `arn:aws:iot:${REGION}:${ACCOUNT}:tunnel/${opened.tunnelId}`)
assert.ok(opened.sourceAccessToken && opened.destinationAccessToken)
const { tunnelId, tunnelArn: resourceArn } = opened
const { tunnel } = await client.send(new DescribeTunnelCommand({ tunnelId }))
assert.equal(tunnel.status, 'OPEN')
assert.deepEqual(tunnel.destinationConfig, { thingName: 't', services: ['SSH', 'HTTP'] })
assert.deepEqual(tunnel.timeoutConfig, { maxLifetimeTimeoutMinutes: 60 })
assert.deepEqual(tunnel.sourceConnectionState, { status: 'DISCONNECTED' })
assert.equal(tunnel.createdAt.toISOString(), NOW)
await client.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'c', value: 'd' }, { key: 'e', value: '' }] }))
await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', 'e'] }))
assert.deepEqual((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags, [{ key: 'c', value: 'd' }])
const rotated = await client.send(new RotateTunnelAccessTokenCommand({ tunnelId, clientMode: 'SOURCE' }))
assert.ok(rotated.sourceAccessToken && rotated.sourceAccessToken !== opened.sourceAccessToken)
assert.equal(rotated.destinationAccessToken, undefined)
assert.equal((await client.send(new ListTunnelsCommand({ thingName: 't' }))).tunnelSummaries.length, 1)
await client.send(new CloseTunnelCommand({ tunnelId }))
assert.equal((await client.send(new DescribeTunnelCommand({ tunnelId }))).tunnel.status, 'CLOSED')
await client.send(new CloseTunnelCommand({ tunnelId, delete: true }))

// The paging loop, by hand and by the SDK.
const ids = []
for (let i = 0; i < 7; i++) ids.unshift((await client.send(new OpenTunnelCommand({}))).tunnelId)
const byHand = []
for (let nextToken; ;) {
  const page = await client.send(new ListTunnelsCommand({ maxResults: 3, nextToken }))
  byHand.push(...page.tunnelSummaries.map(s => s.tunnelId))
  if (!(nextToken = page.nextToken)) break
}
assert.deepEqual(byHand, ids)
const bySDK = []
for await (const page of paginateListTunnels({ client, pageSize: 2 }, {})) bySDK.push(...page.tunnelSummaries.map(s => s.tunnelId))
assert.deepEqual(bySDK, ids)

// Every error that the service has by itself.
const nowhere = { tunnelId: 'nope' }, noARN = { resourceArn: resourceArn.replace(tunnelId, 'nope') }
for (const command of [
  new DescribeTunnelCommand(nowhere), new CloseTunnelCommand(nowhere), new RotateTunnelAccessTokenCommand({ ...nowhere, clientMode: 'ALL' }),
  new ListTagsForResourceCommand(noARN), new TagResourceCommand({ ...noARN, tags: [{ key: 'a', value: 'b' }] }), new UntagResourceCommand({ ...noARN, tagKeys: ['a'] }),
]) assert.ok(await refusal(command, 'ResourceNotFoundException') instanceof ResourceNotFoundException)
assert.ok(await refusal(new OpenTunnelCommand({ destinationConfig: { services: ['A', 'B', 'C', 'D'] } }), 'LimitExceededException') instanceof LimitExceededException)
await refusal(new ListTunnelsCommand({ maxResults: 101 }), 'ValidationException')
await refusal(new RotateTunnelAccessTokenCommand({ tunnelId: ids[0], clientMode: 'source' }), 'ValidationException')
await refusal(new DescribeTunnelCommand({ tunnelId: 7 }), 'SerializationException')

// Every error on demand, of every operation.
const commands = {
  OpenTunnel: new OpenTunnelCommand({}), DescribeTunnel: new DescribeTunnelCommand(nowhere), CloseTunnel: new CloseTunnelCommand(nowhere),
  ListTunnels: new ListTunnelsCommand({}), RotateTunnelAccessToken: new RotateTunnelAccessTokenCommand({ ...nowhere, clientMode: 'ALL' }),
  TagResource: new TagResourceCommand({ ...noARN, tags: [] }), UntagResource: new UntagResourceCommand({ ...noARN, tagKeys: [] }),
  ListTagsForResource: new ListTagsForResourceCommand(noARN),
}
const kinds = {
  throttle: 'ThrottlingException', error: 'InternalFailureException', limit: 'LimitExceededException', deny: 'AccessDeniedException',
}
let refused = 0
for (const [operation, command] of Object.entries(commands)) {
  for (const [kind, name] of Object.entries(kinds)) {
    await faults(`${operation}=${kind}`)
    const error = await refusal(command, name)
    assert.equal(error.$metadata.httpStatusCode, kind === 'error' ? 500 : 400)
    refused++
  }
}
await faults('OpenTunnel=drop')
await assert.rejects(client.send(commands.OpenTunnel))
await faults()
assert.equal((await client.send(new ListTunnelsCommand({}))).tunnelSummaries.length, ids.length + 1, 'the work of a lost answer')

console.log(JSON.stringify({ operations: Object.keys(commands).length, refused, paged: bySDK.length }))
