// Runs the Evolution API node of n8n against portraitd: the calls that it makes
// for "fetch profile picture", "check number" and "fetch instances", and the
// request that tests its credentials.
const assert = require("node:assert/strict");
const axios = require("axios");

const dist = "n8n-nodes-evolution-api/dist";
const chat = `${dist}/nodes/EvolutionApi/execute/chat`;
const { fetchProfilePicture } = require(`${chat}/fetchProfilePicture.js`);
const { checkNumber } = require(`${chat}/checkNumber.js`);
const { fetchInstances } = require(
  `${dist}/nodes/EvolutionApi/execute/instance/fetchInstances.js`,
);
const { EvolutionApi } = require(
  `${dist}/credentials/EvolutionApi.credentials.js`,
);

const { COMPAT_URL, TOKEN, SEEN, HIDDEN, ABSENT } = process.env;
const url = `${COMPAT_URL}/evolution`;

// What n8n gives a node: its parameters, its credentials, and requests.
const n8n = (parameters, apikey = TOKEN) => ({
  getCredentials: async () => ({ "server-url": url, apikey }),
  getNodeParameter: (name) => parameters[name],
  getNode: () => ({}),
  continueOnFail: () => false,
  helpers: {
    request: async ({ method, uri, headers, body }) =>
      (await axios({ method, url: uri, headers, data: body })).data,
  },
});
const data = async (action, parameters) => {
  const { json } = await action(n8n({ instanceName: "mine", ...parameters }));
  assert.equal(json.success, true);
  return json.data;
};

(async () => {
  const picture = await data(fetchProfilePicture, { number: SEEN });
  assert.equal(picture.wuid, `${SEEN}@s.whatsapp.net`);
  assert.match(picture.profilePictureUrl, /^https?:/);
  const hidden = await data(fetchProfilePicture, { number: HIDDEN });
  assert.equal(hidden.profilePictureUrl, null);

  const numbers = await data(checkNumber, { numbers: `${SEEN}, ${ABSENT}` });
  assert.deepEqual(
    numbers.map(({ number, exists }) => [number, exists]),
    [[SEEN, true], [ABSENT, false]],
  );
  for (const instanceName of ["mine", ""]) {
    const instances = await data(fetchInstances, { instanceName });
    assert.deepEqual(instances.map(({ name }) => name), ["mine"]);
  }
  await assert.rejects(
    fetchProfilePicture(n8n({ instanceName: "unknown", number: SEEN })),
    /404/,
  );

  const { request } = new EvolutionApi().test;
  const path = "/instance/fetchInstances";
  assert.ok(request.url.includes(`"${path}"`));
  const tested = (apikey) =>
    axios.get(url + path, { headers: { apikey }, validateStatus: () => true });
  assert.equal((await tested(TOKEN)).status, 200);
  assert.equal((await tested("wrong")).status, 401);
  console.log("ok");
})();
