// The AWS SDKs for JavaScript, v2 or v3 as argument: worlds as JSON in, what the SDK finds as JSON out.
'use strict';
const sdk = process.argv[2];
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
console.warn = console.error = () => {};

async function v2() {
  const AWS = require('aws-sdk');
  AWS.util.iniLoader.clearCachedFiles();
  const found = await new AWS.CredentialProviderChain().resolvePromise();
  return { id: found.accessKeyId };
}

async function v3() {
  const { defaultProvider } = require('@aws-sdk/credential-provider-node');
  const found = await defaultProvider({ ignoreCache: true, maxRetries: 0, timeout: 1000 })();
  return { id: found.accessKeyId };
}

const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\n');
const failed = (error) => say({ error: String(error.code || error.name), text: String(error.message) });
process.on('uncaughtException', failed); // v2 throws where nobody catches

require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const world = JSON.parse(line);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, world.environment);
  try {
    say(await (sdk === 'js-v2' ? v2() : v3()));
  } catch (error) {
    failed(error);
  }
});
